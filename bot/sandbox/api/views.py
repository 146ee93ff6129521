"""views.*: modals and Home tabs."""

from typing import Any

from bot.sandbox.api.calls import Answer, ApiError, Args, Context, decoded, method, refuse
from bot.sandbox.api.chat import missing_images
from bot.sandbox.modals import OpenView, ViewError
from bot.sandbox.rules import check_view


@method("views.open", required=["trigger_id", "view"])
def open_view(context: Context, args: Args) -> Answer:
    """Show a modal to the person whose trigger it is."""
    view = _checked(context, args, "modal")
    trigger = context.modals.redeem(str(args["trigger_id"]))
    return _answer(context.modals.open(trigger.person, view))


@method("views.push", required=["trigger_id", "view"])
def push(context: Context, args: Args) -> Answer:
    """Lay a modal on top of the one whose element gave the trigger."""
    view = _checked(context, args, "modal")
    trigger = context.modals.redeem(str(args["trigger_id"]))
    if trigger.view_id is None or context.modals.top(trigger.person) is None:
        raise ViewError("invalid_trigger_id")
    return _answer(context.modals.push(trigger.person, view))


@method("views.update", required=["view"], optional=["view_id", "external_id", "hash"])
def update(context: Context, args: Args) -> Answer:
    """Replace an open view, unless it changed since the hash was taken."""
    view = _checked(context, args)
    found = context.modals.find(args.get("view_id"), args.get("external_id"))
    if view["type"] != found.definition["type"]:
        raise ApiError("invalid_arguments")
    context.modals.check_hash(found, args.get("hash"))
    return _answer(context.modals.update(found, view))


@method("views.publish", required=["user_id", "view"], optional=["hash"])
def publish(context: Context, args: Args) -> Answer:
    """Set a person's Home tab."""
    view = _checked(context, args, "home")
    if args["user_id"] not in context.workspace.people:
        raise ApiError("user_not_found")
    return _answer(context.modals.publish(args["user_id"], view, args.get("hash")))


def _checked(context: Context, args: Args, kind: str | None = None) -> dict[str, Any]:
    view = decoded(args, "view")["view"]
    if not isinstance(view, dict) or (kind is not None and view.get("type") != kind):
        message = f"[ERROR] unsupported type [json-pointer:/view/type], expected {kind or 'a view'}"
        raise ApiError("invalid_arguments", response_metadata={"messages": [message]})
    refuse(check_view(view), "/view")
    refuse(list(missing_images(context, view["blocks"], "/blocks", "invalid_arguments")), "/view")
    return view


def _answer(view: OpenView) -> Answer:
    return {"view": view.as_payload()}
