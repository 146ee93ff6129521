"""conversations.*"""

from typing import Any

from bot.sandbox import payloads
from bot.sandbox.api.calls import Answer, ApiError, Args, Context, is_true, method, page_of
from bot.sandbox.workspace import Conversation, Message

MOST_HISTORY = 999
READ_ANY = ("channels:read", "groups:read", "im:read", "mpim:read")
HISTORY_ANY = ("channels:history", "groups:history", "im:history", "mpim:history")


@method(
    "conversations.open",
    scopes=["im:write"],
    optional=["users", "channel", "return_im", "prevent_creation"],
)
def open_direct(context: Context, args: Args) -> Answer:
    """The direct messages with one person."""
    if args.get("channel"):
        return {"channel": {"id": context.visible(args["channel"]).id}}
    users = [user for user in str(args.get("users") or "").split(",") if user]
    if len(users) != 1:
        raise ApiError("users_list_not_supplied" if not users else "method_not_supported_for_channel_type")
    person = context.workspace.people.get(users[0])
    if person is None:
        raise ApiError("user_not_found")
    if person.deleted:
        raise ApiError("user_disabled")
    if person.is_bot:
        raise ApiError("cannot_dm_bot")
    if person.is_external and not context.workspace.shares_channel(person.id):
        raise ApiError("user_not_visible")
    direct = context.workspace.direct(person.id)
    return {"channel": _shown(context, direct) if is_true(args.get("return_im")) else {"id": direct.id}}


@method(
    "conversations.info",
    scopes=READ_ANY,
    required=["channel"],
    optional=["include_locale", "include_num_members"],
)
def info(context: Context, args: Args) -> Answer:
    """One conversation."""
    conversation = context.visible(args["channel"])
    context.need_scope(_scope(conversation, "read"))
    shown = _shown(context, conversation)
    if is_true(args.get("include_num_members")):
        shown["num_members"] = len(conversation.members)
    return {"channel": shown}


@method(
    "conversations.list",
    scopes=READ_ANY,
    optional=["types", "exclude_archived", "limit", "cursor"],
)
def list_conversations(context: Context, args: Args) -> Answer:
    """The conversations of the wanted `types` (public_channel unless named), a page at a time."""
    types = str(args.get("types") or "public_channel").split(",")
    for kind in types:
        if kind not in _TYPE_SCOPES:
            raise ApiError("invalid_types")
        context.need_scope(_TYPE_SCOPES[kind])
    found = [c for c in context.workspace.conversations.values() if _type(c) in types and _seen(context, c)]
    if is_true(args.get("exclude_archived")):
        found = [c for c in found if not c.is_archived]
    page, following = page_of(found, args)
    shown = [_shown(context, conversation) for conversation in page]
    return {"channels": shown, "response_metadata": {"next_cursor": following}}


@method("conversations.members", scopes=READ_ANY, required=["channel"], optional=["limit", "cursor"])
def members(context: Context, args: Args) -> Answer:
    """The ids of the members, a page at a time."""
    conversation = context.visible(args["channel"])
    context.need_scope(_scope(conversation, "read"))
    page, following = page_of(conversation.members, args)
    return {"members": page, "response_metadata": {"next_cursor": following}}


@method(
    "conversations.history",
    scopes=HISTORY_ANY,
    required=["channel"],
    optional=["limit", "cursor", "oldest", "latest", "inclusive", "include_all_metadata"],
)
def history(context: Context, args: Args) -> Answer:
    """The messages of a conversation outside its threads, newest first."""
    conversation = _readable(context, args["channel"])
    top_level = [m for m in conversation.messages if not m.is_reply or m.broadcast]
    return _messages(context, list(reversed(top_level)), args)


@method(
    "conversations.replies",
    scopes=HISTORY_ANY,
    required=["channel", "ts"],
    optional=["limit", "cursor", "oldest", "latest", "inclusive", "include_all_metadata"],
)
def replies(context: Context, args: Args) -> Answer:
    """A message and the replies in its thread, oldest first."""
    conversation = _readable(context, args["channel"])
    parent = conversation.find(str(args["ts"]))
    if parent is None:
        raise ApiError("thread_not_found")
    return _messages(context, [parent, *conversation.replies(parent.ts)], args)


def _messages(context: Context, found: list[Message], args: Args) -> Answer:
    visible = [m for m in found if m.ephemeral_for is None and _within(m.ts, args)]
    page, following = page_of(visible, args, most=MOST_HISTORY)
    metadata = is_true(args.get("include_all_metadata"))
    shown = [payloads.message(context.workspace, m, context.base_url, metadata=metadata) for m in page]
    answer: Answer = {"messages": shown, "has_more": bool(following)}
    return {**answer, "response_metadata": {"next_cursor": following}} if following else answer


def _within(ts: str, args: Args) -> bool:
    """Whether a ts lies between `oldest` and `latest`, these two included only if `inclusive`."""
    moment, inclusive = float(ts), is_true(args.get("inclusive"))
    oldest, latest = float(args.get("oldest") or 0), float(args.get("latest") or "inf")
    return oldest <= moment <= latest if inclusive else oldest < moment < latest


def _readable(context: Context, channel: Any) -> Conversation:
    conversation = context.visible(channel)
    context.need_scope(_scope(conversation, "history"))
    if not context.is_member(conversation):
        raise ApiError("not_in_channel")
    return conversation


def _seen(context: Context, conversation: Conversation) -> bool:
    return not conversation.is_private or context.is_member(conversation)


def _type(conversation: Conversation) -> str:
    if conversation.kind == "im":
        return "im"
    return "private_channel" if conversation.is_private else "public_channel"


_TYPE_SCOPES = {
    "im": "im:read",
    "mpim": "mpim:read",
    "private_channel": "groups:read",
    "public_channel": "channels:read",
}


def _scope(conversation: Conversation, right: str) -> str:
    """The scope that a right (`read` or `history`) on this kind of conversation needs."""
    return _TYPE_SCOPES[_type(conversation)].replace("read", right)


def _shown(context: Context, conversation: Conversation) -> dict[str, Any]:
    shown = {"id": conversation.id, "is_archived": conversation.is_archived, "is_im": conversation.kind == "im"}
    if conversation.kind == "im":
        return {**shown, "user": context.workspace.partner(conversation).id}
    return {
        **shown,
        "name": conversation.name,
        "name_normalized": conversation.name,
        "is_channel": not conversation.is_private,
        "is_group": conversation.is_private,
        "is_private": conversation.is_private,
        "is_member": context.is_member(conversation),
        "is_ext_shared": conversation.is_ext_shared,
        "is_shared": conversation.is_ext_shared,
        "topic": {"value": conversation.topic},
    }
