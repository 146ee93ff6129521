"""files.*: the three-step upload and files.info (docs.slack.dev/messaging/working-with-files)."""

from typing import Any

from bot.sandbox import payloads
from bot.sandbox.api.calls import Answer, ApiError, Args, Context, decoded, method, refuse
from bot.sandbox.api.chat import known_file, message_of_app, writable
from bot.sandbox.files import SlackFile
from bot.sandbox.rules import check_message

MOST_ALT_TEXT = 1000
MOST_SNIPPET_BYTES = 1_000_000
MOST_CHANNELS = 100


@method(
    "files.getUploadURLExternal",
    scopes=["files:write"],
    required=["filename", "length"],
    optional=["alt_txt", "snippet_type"],
)
def get_upload_url(context: Context, args: Args) -> Answer:
    """Announce a file of `length` bytes; the URL in the answer takes them, once."""
    size = _size(args["length"])
    if size == 0:
        raise ApiError("missing_argument")
    if len(str(args.get("alt_txt") or "")) > MOST_ALT_TEXT:
        raise ApiError("alt_txt_too_large")
    if args.get("snippet_type") and size > MOST_SNIPPET_BYTES:
        raise ApiError("snippet_too_large")
    workspace = context.workspace
    file = workspace.files.add(
        SlackFile(
            id=workspace.new_id("F"),
            name=str(args["filename"]),
            size=size,
            user=workspace.app.bot_user,
            created=workspace.now(),
            alt_txt=str(args.get("alt_txt") or ""),
        )
    )
    return {"upload_url": f"{context.base_url}/upload/{file.upload_key}", "file_id": file.id}


@method(
    "files.completeUploadExternal",
    scopes=["files:write"],
    required=["files"],
    optional=["channel_id", "channels", "thread_ts", "initial_comment", "blocks"],
)
def complete_upload(context: Context, args: Args) -> Answer:
    """Finish uploads and share them, together, in the named channels; without any they stay private."""
    args = decoded(args, "files", "blocks")
    channels = _channels(args)
    conversations = [writable(context, channel) for channel in channels]
    content = {"text": args.get("initial_comment"), "blocks": args.get("blocks")}
    if args.get("initial_comment") or args.get("blocks"):
        refuse(check_message(content))
    completed = [_complete(context, item) for item in args["files"]]
    for conversation in conversations:
        thread_ts = _thread(conversation.find(str(args["thread_ts"]))) if args.get("thread_ts") else None
        message = message_of_app(context, conversation, content, thread_ts=thread_ts)
        message.files = completed
        context.workspace.add(message)
        for file in completed:
            file.shares[conversation.id] = message.ts
    return {"files": [{"id": file.id, "title": file.title or file.name} for file in completed]}


@method("files.info", scopes=["files:read"], required=["file"], optional=["limit", "cursor"])
def info(context: Context, args: Args) -> Answer:
    """One finished file, with where it was shared."""
    return {"file": payloads.file(context.workspace, known_file(context, args["file"]), context.base_url)}


def _size(length: Any) -> int:
    try:
        return int(length)
    except (TypeError, ValueError) as fault:
        raise ApiError("invalid_arguments") from fault


def _channels(args: Args) -> list[str]:
    named = [args["channel_id"]] if args.get("channel_id") else str(args.get("channels") or "").split(",")
    channels = [channel for channel in named if channel]
    if len(channels) > MOST_CHANNELS:
        raise ApiError("invalid_arguments")
    return channels


def _complete(context: Context, item: Any) -> SlackFile:
    """Finish one file; each can be finished once, after its bytes have arrived."""
    file = context.workspace.files.get(str(item.get("id"))) if isinstance(item, dict) else None
    if file is None or file.content is None or file.completed:
        raise ApiError("file_not_found")
    file.completed = True
    file.title = str(item.get("title") or file.name)
    return file


def _thread(parent: Any) -> str:
    if parent is None:
        raise ApiError("thread_not_found")
    return str(parent.thread_ts or parent.ts)
