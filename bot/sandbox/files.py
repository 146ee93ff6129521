"""Uploaded files: first announced, then filled, then shared (docs.slack.dev/messaging/working-with-files)."""

import mimetypes
import secrets
from dataclasses import dataclass, field
from datetime import datetime

PICTURES = ("image/png", "image/jpeg", "image/gif")  # what an image block can show (slack-file-object)
_OFFICE = "application/vnd.openxmlformats-officedocument"
_TYPES = mimetypes.MimeTypes()  # Python's own table, whatever is installed on this machine
_TYPES.add_type(f"{_OFFICE}.wordprocessingml.document", ".docx")
_TYPES.add_type(f"{_OFFICE}.spreadsheetml.sheet", ".xlsx")
_TYPES.add_type(f"{_OFFICE}.presentationml.presentation", ".pptx")


@dataclass
class SlackFile:
    """One file; `content` is None until its bytes have arrived, `shares` maps channel ids to message ts."""

    id: str
    name: str
    size: int
    user: str
    created: datetime
    title: str = ""
    alt_txt: str = ""
    content: bytes | None = None
    completed: bool = False
    upload_key: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    shares: dict[str, str] = field(default_factory=dict)

    @property
    def mimetype(self) -> str:
        """The media type that the name suggests."""
        return _TYPES.guess_type(self.name)[0] or "application/octet-stream"


class Files:
    """All files of the workspace, by id and by the key of their upload URL."""

    def __init__(self) -> None:
        self._by_id: dict[str, SlackFile] = {}

    def add(self, file: SlackFile) -> SlackFile:
        """Keep a file."""
        self._by_id[file.id] = file
        return file

    def get(self, file_id: str) -> SlackFile | None:
        """The file with this id, or None."""
        return self._by_id.get(file_id)

    def awaiting(self, upload_key: str) -> SlackFile | None:
        """The announced file whose bytes are expected under this key; each key works once."""
        waiting = (f for f in self._by_id.values() if f.upload_key == upload_key and f.content is None)
        return next(waiting, None)
