"""The page's own API under /ui: what one person sees, live changes, and what they do."""

import asyncio
import base64
import binascii
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.sandbox.acts import Acts
from bot.sandbox.bodies import json_object
from bot.sandbox.faults import Faults
from bot.sandbox.modals import Modals, OpenView
from bot.sandbox.people import APP_ID, SlackPerson, Tour
from bot.sandbox.reach import RefusedError
from bot.sandbox.workspace import Conversation, Message, Workspace

logger = logging.getLogger(__name__)

PAGE = Path(__file__).with_name("page")
COLORS = ("#4a154b", "#1264a3", "#007a5a", "#b5471b", "#7a3e9d", "#0b6e75", "#8a6100", "#a3195b")


class Clock:
    """The business clock as the page shows and moves it; the moving runs in a thread."""

    def __init__(self, now: Callable[[], datetime], tour: Tour) -> None:
        self._now = now
        self._stops = tour.stops
        self._move_to = tour.move_to
        self.moving = False

    def shown(self) -> dict[str, Any]:
        """The clock for the page."""
        now = self._now()
        stops = [
            {"key": stop.key, "label": stop.label, "at": _instant(stop.at), "passed": stop.at <= now}
            for stop in self._stops()
        ]
        return {"now": _instant(now), "moving": self.moving, "stops": stops}

    async def move(self, wanted: Mapping[str, Any]) -> None:
        """Move to a stop by its key, or to an instant. Raises RefusedError when that cannot be."""
        if self._move_to is None or self.moving:
            raise RefusedError("The clock cannot be moved now.")
        to = self._target(wanted)
        if to <= self._now():
            raise RefusedError("The clock only moves forward.")
        self.moving = True
        try:
            await asyncio.to_thread(self._move_to, to)
        finally:
            self.moving = False

    def _target(self, wanted: Mapping[str, Any]) -> datetime:
        if "stop" in wanted:
            for stop in self._stops():
                if stop.key == wanted["stop"]:
                    return stop.at
            raise RefusedError("There is no such stop.")
        try:
            return datetime.fromisoformat(str(wanted.get("to"))).astimezone(UTC)
        except ValueError as fault:
            raise RefusedError("That is not an instant.") from fault


class _Wish(dict[str, Any]):
    """The body of a deed; asking for what the page did not send is refused with a sentence."""

    def __missing__(self, name: str) -> Any:
        raise RefusedError(f"The page left out: {name}.")


class Page:
    """Serves the page, its state and its deeds."""

    def __init__(self, workspace: Workspace, modals: Modals, acts: Acts, faults: Faults, tour: Tour) -> None:
        self._workspace = workspace
        self._modals = modals
        self._acts = acts
        self._faults = faults
        self._tour = tour
        self._clock = Clock(workspace.now, tour)
        self._deeds: dict[str, Callable[[str, Mapping[str, Any]], Awaitable[dict[str, Any] | None]]] = {
            "click": self._click,
            "submit": self._submit,
            "close": self._close,
            "command": self._command,
            "say": self._say,
            "shortcut": self._shortcut,
            "home": self._home,
            "read": self._read,
            "suggest": self._suggest,
            "move_clock": self._move_clock,
            "upload": self._upload,
        }

    def routes(self) -> list[BaseRoute]:
        """The routes of the page and of its API."""
        return [
            Route("/", self._index),
            Route("/ui/bootstrap", self._bootstrap),
            Route("/ui/state", self._state),
            Route("/ui/act", self._act, methods=["POST"]),
            Route("/ui/files/{file_id}", self._file),
            Route("/files/{user}/{file_id}/{name}", self._file),
            WebSocketRoute("/ui/live", self._live),
            Mount("/page", StaticFiles(directory=PAGE)),
        ]

    async def _index(self, _request: Request) -> Response:
        return FileResponse(PAGE / "index.html")

    async def _bootstrap(self, _request: Request) -> Response:
        app = self._workspace.app
        return JSONResponse(
            {
                "workspace": self._workspace.name,
                "people": [
                    _person(person, number)
                    for number, person in enumerate(self._workspace.people.values())
                    if not person.is_bot
                ],
                "app": {
                    "id": APP_ID,
                    "bot_user": app.bot_user,
                    "name": app.name,
                    "commands": [vars(command) for command in app.commands],
                    "shortcuts": [vars(shortcut) for shortcut in app.shortcuts],
                },
                "methods": self._faults.methods,
                "intro": self._tour.intro,
                "guide": list(self._tour.guide),
            }
        )

    async def _state(self, request: Request) -> Response:
        person = self._workspace.people.get(request.query_params.get("as", ""))
        if person is None:
            return JSONResponse({"ok": False, "error": "There is no such person."}, status_code=404)
        return JSONResponse(self.state(person))

    def state(self, person: SlackPerson) -> dict[str, Any]:
        """Everything this person can see now."""
        home = self._modals.homes.get(person.id)
        notice = self._workspace.notices.get(person.id)
        self._workspace.direct(person.id)
        return {
            "version": self._workspace.changes.version,
            "clock": self._clock.shown(),
            "faults": self._faults.shown(),
            "conversations": [
                self._conversation(conversation, person.id)
                for conversation in self._workspace.conversations.values()
                if _may_list(conversation, person)
            ],
            "home": home.as_payload() if home else None,
            "modals": [_modal(view) for view in self._modals.stacks.get(person.id, ())],
            "notice": {"level": "error", "text": notice} if notice else None,
        }

    def _conversation(self, conversation: Conversation, person: str) -> dict[str, Any]:
        seen = conversation.seen_by(person)
        replies = Counter(message.thread_ts for message in seen if message.is_reply)
        return {
            "id": conversation.id,
            "kind": conversation.kind,
            "name": conversation.name,
            "topic": conversation.topic,
            "member": person in conversation.members,
            "unread": conversation.unread(person),
            "app": conversation.kind == "im",
            "messages": [self._message(message, replies[message.ts]) for message in seen],
        }

    def _message(self, message: Message, reply_count: int) -> dict[str, Any]:
        return {
            "ts": message.ts,
            "user": message.user,
            "bot": message.by_app,
            "author": self._workspace.people[message.user].shown_name,
            "text": message.text,
            "blocks": message.blocks,
            "thread_ts": message.thread_ts,
            "reply_count": reply_count,
            "at": _instant(message.at),
            "edited": message.edited_ts is not None,
            "ephemeral": message.ephemeral_for is not None,
            "files": [
                {
                    "id": file.id,
                    "name": file.name,
                    "title": file.title or file.name,
                    "size": file.size,
                    "mimetype": file.mimetype,
                    "url": f"/ui/files/{file.id}",
                    "alt_txt": file.alt_txt,
                }
                for file in message.files
            ],
            "broadcast": message.broadcast,
        }

    async def _file(self, request: Request) -> Response:
        file = self._workspace.files.get(request.path_params["file_id"])
        if file is None or file.content is None:
            return Response(status_code=404)
        shown = "inline" if file.mimetype.startswith("image/") else "attachment"
        disposition = f"{shown}; filename*=UTF-8''{quote(file.name)}"
        headers = {
            "Content-Disposition": disposition,
            "Content-Security-Policy": "sandbox",  # an uploaded SVG or page must not run beside the demo's own
            "X-Content-Type-Options": "nosniff",
        }
        return Response(file.content, media_type=file.mimetype, headers=headers)

    async def _live(self, socket: WebSocket) -> None:
        """Send the version at once and after each change, until the page goes away."""
        await socket.accept()
        gone = asyncio.ensure_future(_until_gone(socket))
        version = self._workspace.changes.version
        try:
            while not gone.done():
                await socket.send_json({"version": version})
                change = asyncio.ensure_future(self._workspace.changes.after(version))
                await asyncio.wait({gone, change}, return_when=asyncio.FIRST_COMPLETED)
                version = change.result() if change.done() else version
                change.cancel()
        except (WebSocketDisconnect, RuntimeError):
            logger.debug("page went away")
        finally:
            gone.cancel()

    async def _act(self, request: Request) -> Response:
        body = _Wish(await json_object(request))
        try:
            deed = self._deeds.get(str(body["do"]), _unknown)
            answer = await deed(str(body["as"]), body)
        except RefusedError as refused:
            return JSONResponse({"ok": False, "error": str(refused)})
        return JSONResponse({"ok": True, **(answer or {})})

    async def _click(self, person: str, body: Mapping[str, Any]) -> None:
        if body.get("view"):
            typed = body.get("values") or {}
            await self._acts.click_view(person, body["view"], body["block_id"], body["action"], typed)
        else:
            place = (body["conversation"], body["ts"], body["block_id"])
            await self._acts.click_message(person, *place, body["action"])

    async def _submit(self, person: str, body: Mapping[str, Any]) -> None:
        await self._acts.submit(person, body["view"], body.get("values") or {})

    async def _close(self, person: str, body: Mapping[str, Any]) -> None:
        await self._acts.close(person, body["view"], clear=bool(body.get("clear")))

    async def _command(self, person: str, body: Mapping[str, Any]) -> None:
        await self._acts.command(person, body["conversation"], body["text"])

    async def _say(self, person: str, body: Mapping[str, Any]) -> None:
        self._acts.say(person, body["conversation"], body["text"], body.get("thread_ts"))

    async def _shortcut(self, person: str, body: Mapping[str, Any]) -> None:
        await self._acts.shortcut(person, body["callback_id"], body.get("conversation"), body.get("ts"))

    async def _home(self, person: str, _body: Mapping[str, Any]) -> None:
        self._acts.open_home(person)

    async def _read(self, person: str, body: Mapping[str, Any]) -> None:
        self._acts.read(person, body["conversation"])

    async def _suggest(self, person: str, body: Mapping[str, Any]) -> dict[str, Any]:
        names = (body["block_id"], body["action_id"], body.get("value", ""))
        return {"options": await self._acts.suggest(person, body, *names)}

    async def _move_clock(self, _person: str, body: Mapping[str, Any]) -> None:
        self._workspace.changes.touch()
        try:
            await self._clock.move(body)
        finally:
            self._workspace.changes.touch()

    async def _upload(self, person: str, body: Mapping[str, Any]) -> None:
        try:
            content = base64.b64decode(body["content_base64"], validate=True)
        except binascii.Error as fault:
            raise RefusedError("The file did not arrive whole.") from fault
        self._acts.upload(person, body["conversation"], body["name"], content)


def _may_list(conversation: Conversation, person: SlackPerson) -> bool:
    """Whether a person may know of a conversation: their own, and open channels of their workspace."""
    if person.id in conversation.members:
        return True
    return conversation.kind == "channel" and not conversation.is_private and not person.is_external


def _modal(view: OpenView) -> dict[str, Any]:
    return {"view": view.as_payload(), "errors": view.errors, "values": view.values}


def _person(person: SlackPerson, number: int) -> dict[str, Any]:
    words = person.shown_name.split()
    return {
        "id": person.id,
        "name": person.shown_name,
        "title": person.title,
        "tz": person.tz,
        "color": COLORS[number % len(COLORS)],
        "initials": "".join(word[0] for word in words[:2]).upper(),
        "deleted": person.deleted,
        "external": person.is_external,
    }


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


async def _unknown(_person: str, body: Mapping[str, Any]) -> None:
    raise RefusedError(f"The page asked for something unknown: {body['do']}.")


async def _until_gone(socket: WebSocket) -> None:
    """Return when the other end has closed."""
    message = await socket.receive()
    while message["type"] != "websocket.disconnect":
        message = await socket.receive()
