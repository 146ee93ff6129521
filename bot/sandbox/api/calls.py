"""What all methods of the Web API share: a register, tokens, scopes, arguments and the record of calls."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from bot.sandbox.modals import Modals, ViewError
from bot.sandbox.rules import Problem
from bot.sandbox.workspace import Conversation, Workspace

Args = Mapping[str, Any]
Answer = dict[str, Any]


class ApiError(Exception):
    """A call that Slack refuses: its error code, and further fields of the answer."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.error = error
        self.more = more


class Call(NamedTuple):
    """One call of the Web API, or one ack, as it was made: `error` is None when it was accepted."""

    method: str
    args: Args
    ok: bool
    error: str | None
    at: datetime


@dataclass
class Context:
    """What a method works on. `new_socket_url` makes the URL of one Socket Mode connection."""

    workspace: Workspace
    modals: Modals
    base_url: str
    new_socket_url: Callable[[], str]

    def need_scope(self, *scopes: str) -> None:
        """Refuse the call unless the app was granted one of the scopes."""
        granted = self.workspace.app.scopes
        if not any(scope in granted for scope in scopes):
            needed, provided = ",".join(scopes), ",".join(granted)
            raise ApiError("missing_scope", needed=needed, provided=provided)

    def has_scope(self, scope: str) -> bool:
        """Whether the app was granted this scope."""
        return scope in self.workspace.app.scopes

    def visible(self, channel: Any) -> Conversation:
        """The conversation with this id, as far as the app may know of it."""
        conversation = self.workspace.conversations.get(str(channel))
        if conversation is None or (conversation.is_private and not self.is_member(conversation)):
            raise ApiError("channel_not_found")
        return conversation

    def is_member(self, conversation: Conversation) -> bool:
        """Whether the app is a member."""
        return self.workspace.app.bot_user in conversation.members


Handler = Callable[[Context, Args], Answer]


class Method(NamedTuple):
    """One method: what it does, the scopes of which one is needed, and the arguments it knows."""

    handler: Handler
    scopes: Sequence[str]
    required: Sequence[str]
    optional: Sequence[str]
    app_level: bool


METHODS: dict[str, Method] = {}


def method(
    name: str,
    *,
    scopes: Sequence[str] = (),
    required: Sequence[str] = (),
    optional: Sequence[str] = (),
    app_level: bool = False,
) -> Callable[[Handler], Handler]:
    """Register a function as a method of the Web API; `app_level` ones take the app token."""

    def register(handler: Handler) -> Handler:
        METHODS[name] = Method(handler, scopes, required, optional, app_level)
        return handler

    return register


def perform(context: Context, name: str, token: str | None, args: Args) -> Answer:
    """Carry out a call and return its answer. Raises ApiError where Slack would refuse it."""
    known = METHODS.get(name)
    if known is None:
        raise ApiError("unknown_method", req_method=name)
    _check_token(context.workspace, known, token)
    if known.scopes:
        context.need_scope(*known.scopes)
    _check_arguments(known, args)
    try:
        return {"ok": True, **known.handler(context, args)}
    except ViewError as refused:
        raise ApiError(refused.error) from refused


def _check_token(workspace: Workspace, known: Method, token: str | None) -> None:
    app = workspace.app
    if not token:
        raise ApiError("not_authed")
    if token not in (app.bot_token, app.app_token):
        raise ApiError("invalid_auth")
    if token != (app.app_token if known.app_level else app.bot_token):
        raise ApiError("not_allowed_token_type")


def _check_arguments(known: Method, args: Args) -> None:
    """Refuse missing arguments as Slack does, and unknown ones, which Slack would silently ignore.

    `team_id` may stand in any call: Bolt adds it to all of them, and one workspace has no use for it.
    """
    missing = [name for name in known.required if args.get(name) in (None, "")]
    if missing:
        messages = [f"[ERROR] missing required field: {name}" for name in missing]
        raise ApiError("invalid_arguments", response_metadata={"messages": messages})
    unknown = sorted(args.keys() - {*known.required, *known.optional, "team_id"})
    if unknown:
        messages = [f"[ERROR] unsupported argument: {name}" for name in unknown]
        raise ApiError("invalid_arguments", response_metadata={"messages": messages})


def refuse(problems: Sequence[Problem], at: str = "") -> None:
    """Refuse the call when there are problems, with Slack's pointers; the first one names the error."""
    if not problems:
        return
    texts = [f"{problem.message} [json-pointer:{at}{problem.pointer}]" for problem in problems]
    messages = [f"[ERROR] {text}" for text in texts]
    raise ApiError(problems[0].error, errors=texts, response_metadata={"messages": messages})


def decoded(args: Args, *names: str, error: str = "invalid_arguments") -> dict[str, Any]:
    """The arguments with these JSON ones decoded, where they came as text in a form."""
    result = dict(args)
    for name in names:
        if isinstance(result.get(name), str):
            try:
                result[name] = json.loads(result[name])
            except ValueError as fault:
                raise ApiError(error) from fault
    return result


def is_true(value: Any) -> bool:
    """Read a boolean argument of a form or of JSON."""
    return value in (True, 1) or str(value).lower() in ("1", "true")


def page_of(items: Sequence[Any], args: Args, *, usual: int = 100, most: int = 1000) -> tuple[list[Any], str]:
    """One page of a list by `limit` and `cursor`, and the cursor of the next one ("" at the end)."""
    try:
        limit, start = int(args.get("limit") or usual), int(args.get("cursor") or 0)
    except ValueError as fault:
        raise ApiError("invalid_cursor") from fault
    if not 1 <= limit <= most:
        raise ApiError("invalid_limit")
    following = str(start + limit) if start + limit < len(items) else ""
    return list(items[start : start + limit]), following
