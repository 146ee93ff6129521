"""chat.* and reactions.add."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from bot.sandbox import payloads
from bot.sandbox.api.calls import Answer, ApiError, Args, Context, decoded, is_true, method, refuse
from bot.sandbox.files import PICTURES
from bot.sandbox.rules import Problem, check_message, check_update
from bot.sandbox.workspace import Conversation, Message

CONTENT = ("text", "blocks", "attachments", "markdown_text")
_JSON = ("blocks", "attachments", "metadata")


@method(
    "chat.postMessage",
    scopes=["chat:write"],
    required=["channel"],
    optional=[
        *CONTENT,
        "metadata",
        "thread_ts",
        "reply_broadcast",
        "unfurl_links",
        "unfurl_media",
        "mrkdwn",
        "link_names",
        "parse",
        "as_user",
    ],
)
def post_message(context: Context, args: Args) -> Answer:
    """Post as the app. To a `U…` it goes into the direct messages with that person."""
    args = decoded(args, *_JSON, error="invalid_blocks_format")
    conversation = writable(context, args["channel"])
    thread_ts = thread_of(conversation, args.get("thread_ts"))
    check_content(context, args, check_message(args))
    posted = context.workspace.add(
        message_of_app(
            context,
            conversation,
            args,
            thread_ts=thread_ts,
            broadcast=thread_ts is not None and is_true(args.get("reply_broadcast")),
        )
    )
    shown = payloads.message(context.workspace, posted, context.base_url, metadata=True)
    return {"channel": conversation.id, "ts": posted.ts, "message": shown}


@method(
    "chat.update",
    scopes=["chat:write"],
    required=["channel", "ts"],
    optional=[*CONTENT, "metadata", "parse", "link_names", "file_ids", "as_user", "reply_broadcast"],
)
def update(context: Context, args: Args) -> Answer:
    """Change one of the app's own messages.

    New text without blocks takes the old blocks away; other content that is not named stays as it was.
    An edit with blocks leaves no "edited" mark.
    """
    args = decoded(args, *_JSON, error="invalid_blocks_format")
    conversation = context.visible(args["channel"])
    message = _own(conversation, args["ts"], "cant_update_message")
    if args.get("file_ids") is None or any(args.get(name) is not None for name in CONTENT):
        check_content(context, args, check_update(args))
    _apply(context, message, args)
    shown = payloads.message(context.workspace, message, context.base_url, metadata=True)
    return {"channel": conversation.id, "ts": message.ts, "text": message.text, "message": shown}


@method("chat.delete", scopes=["chat:write"], required=["channel", "ts"], optional=["as_user"])
def delete(context: Context, args: Args) -> Answer:
    """Take one of the app's own messages away."""
    conversation = context.visible(args["channel"])
    message = _own(conversation, args["ts"], "cant_delete_message")
    conversation.messages.remove(message)
    context.workspace.changes.touch()
    return {"channel": conversation.id, "ts": message.ts}


@method(
    "chat.postEphemeral",
    scopes=["chat:write"],
    required=["channel", "user"],
    optional=[*CONTENT, "thread_ts", "link_names", "parse", "as_user"],
)
def post_ephemeral(context: Context, args: Args) -> Answer:
    """Show a message to one member of a conversation only; it cannot be found or changed afterwards."""
    args = decoded(args, *_JSON, error="invalid_blocks_format")
    conversation = writable(context, args["channel"])
    if args["user"] not in conversation.members:
        raise ApiError("user_not_in_channel")
    check_content(context, args, check_message(args))
    posted = context.workspace.add(
        message_of_app(context, conversation, args, thread_ts=args.get("thread_ts"), seen_by=args["user"])
    )
    return {"message_ts": posted.ts}


@method("chat.getPermalink", required=["channel", "message_ts"])
def get_permalink(context: Context, args: Args) -> Answer:
    """The web address of a message."""
    conversation = context.visible(args["channel"])
    message = conversation.find(str(args["message_ts"]))
    if message is None:
        raise ApiError("message_not_found")
    address = f"{context.base_url}/archives/{conversation.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        address += f"?thread_ts={message.thread_ts}&cid={conversation.id}"
    return {"channel": conversation.id, "permalink": address}


@method("reactions.add", scopes=["reactions:write"], required=["channel", "name", "timestamp"])
def add_reaction(context: Context, args: Args) -> Answer:
    """Put an emoji on a message as the app."""
    message = context.visible(args["channel"]).find(str(args["timestamp"]))
    if message is None:
        raise ApiError("message_not_found")
    users = message.reactions.setdefault(args["name"], [])
    if context.workspace.app.bot_user in users:
        raise ApiError("already_reacted")
    users.append(context.workspace.app.bot_user)
    context.workspace.changes.touch()
    return {}


def _apply(context: Context, message: Message, args: Args) -> None:
    text = args.get("text") or args.get("markdown_text")
    if text is not None:
        message.text, message.blocks = text, []
    for name in _JSON:
        if args.get(name) is not None:
            setattr(message, name, copy.deepcopy(args[name]))
    if args.get("file_ids") is not None:
        message.files = [known_file(context, file_id) for file_id in _listed(args["file_ids"])]
    context.workspace.complete_ids(message.blocks)
    message.edited_ts = None if message.blocks else context.workspace.next_ts()
    context.workspace.changes.touch()


def _listed(value: Any) -> list[str]:
    """A list that comes as an array or as text with commas."""
    items = value.split(",") if isinstance(value, str) else value
    return [str(item) for item in items if item]


def writable(context: Context, channel: Any) -> Conversation:
    """The conversation that a post to this channel or person reaches. Raises ApiError where it may not go."""
    workspace = context.workspace
    if channel in workspace.people:
        return _direct(context, channel)
    conversation = context.visible(channel)
    if conversation.is_archived:
        raise ApiError("is_archived")
    if conversation.kind == "im":
        return _direct(context, workspace.partner(conversation).id)
    if not context.is_member(conversation) and not context.has_scope("chat:write.public"):
        raise ApiError("not_in_channel")
    return conversation


def _direct(context: Context, person_id: str) -> Conversation:
    person = context.workspace.people[person_id]
    if person.is_bot:
        raise ApiError("cannot_dm_bot")
    if person.deleted or (person.is_external and not context.workspace.shares_channel(person_id)):
        raise ApiError("channel_not_found")
    return context.workspace.direct(person_id)


def message_of_app(
    context: Context,
    conversation: Conversation,
    content: Args,
    *,
    thread_ts: str | None = None,
    broadcast: bool = False,
    seen_by: str | None = None,
) -> Message:
    """A message by the app, not yet added to its conversation."""
    return Message(
        channel=conversation.id,
        ts=context.workspace.next_ts(),
        user=context.workspace.app.bot_user,
        text=content.get("text") or content.get("markdown_text") or "",
        blocks=copy.deepcopy(list(content.get("blocks") or ())),
        attachments=copy.deepcopy(list(content.get("attachments") or ())),
        thread_ts=thread_ts,
        metadata=content.get("metadata"),
        ephemeral_for=seen_by,
        by_app=True,
        broadcast=broadcast,
    )


def check_content(context: Context, args: Args, problems: list[Problem]) -> None:
    """Refuse content with problems, or with images of files that are not there."""
    refuse(problems)
    refuse(list(missing_images(context, args.get("blocks") or (), "/blocks", "invalid_blocks")))


def known_file(context: Context, file_id: str) -> Any:
    """The finished file with this id. Raises ApiError("file_not_found")."""
    file = context.workspace.files.get(file_id)
    if file is None or not file.completed:
        raise ApiError("file_not_found")
    return file


def missing_images(context: Context, value: Any, at: str, error: str) -> Iterator[Problem]:
    """The `slack_file` images anywhere in blocks whose file is not there, not finished or not a picture."""
    if isinstance(value, Mapping):
        named = value.get("slack_file")
        if isinstance(named, Mapping) and not _is_picture(context, named):
            yield Problem(error, f"{at}/slack_file", "invalid slack file")
        for name, item in value.items():
            yield from missing_images(context, item, f"{at}/{name}", error)
    elif isinstance(value, list | tuple):
        for position, item in enumerate(value):
            yield from missing_images(context, item, f"{at}/{position}", error)


def _is_picture(context: Context, named: Mapping[str, str]) -> bool:
    """Whether a `slack_file`, by its `id` or by the `url` that ends with it, can be shown in an image block."""
    file = context.workspace.files.get(named.get("id") or named["url"].rpartition("/")[2])
    return file is not None and file.completed and file.mimetype in PICTURES


def thread_of(conversation: Conversation, thread_ts: Any) -> str | None:
    """The thread that a reply to the message with this ts goes into. Raises ApiError("thread_not_found")."""
    if thread_ts is None:
        return None
    parent = conversation.find(str(thread_ts))
    if parent is None:
        raise ApiError("thread_not_found")
    return parent.thread_ts if parent.is_reply else parent.ts


def _own(conversation: Conversation, ts: Any, error: str) -> Message:
    message = conversation.find(str(ts))
    if message is None:
        raise ApiError("message_not_found")
    if not message.by_app:
        raise ApiError(error)
    return message
