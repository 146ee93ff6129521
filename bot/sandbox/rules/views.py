"""What views.* and the ack of a view submission refuse (docs.slack.dev/reference/views)."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bot.sandbox.rules.blocks import Surface, check_blocks, elements_of
from bot.sandbox.rules.objects import CALLBACK_ID, EXTERNAL_ID, plain
from bot.sandbox.rules.shapes import Check, Fault, Problem, boolean, kind, string, tagged

MOST_VIEW_BYTES = 250 * 1024
MOST_ERROR_TEXT = 2000  # unpublished: an error is drawn like a hint, so the bound of a hint is taken


def _blocks_on(surface: Surface) -> Check:
    def check(value: Any, at: str) -> Iterator[Fault]:
        yield from check_blocks(value, surface, at)

    return check


def _submit_given(view: Mapping[str, Any], at: str) -> Iterator[Fault]:
    if "submit" not in view and any(block["type"] == "input" for block in view["blocks"]):
        yield Fault(at, "missing required field: submit (a view with an input block needs it)")


def _one_focus(view: Mapping[str, Any], at: str) -> Iterator[Fault]:
    focused = [e for block in view["blocks"] for e in elements_of(block) if e.get("focus_on_load")]
    if len(focused) > 1:
        yield Fault(f"{at}/blocks", "only one element may have focus_on_load")


_COMMON = {
    "private_metadata": string(3000, low=0),
    "callback_id": CALLBACK_ID,
    "external_id": EXTERNAL_ID,
}
_VIEW = tagged(
    {
        "modal": kind(
            "modal",
            {"title": plain(24), "blocks": _blocks_on("modal")},
            {
                **_COMMON,
                "submit": plain(24),
                "close": plain(24),
                "clear_on_close": boolean,
                "notify_on_close": boolean,
            },
            [_submit_given, _one_focus],
        ),
        "home": kind("home", {"blocks": _blocks_on("home")}, _COMMON, [_one_focus]),
    }
)


def check_view(view: Mapping[str, Any]) -> list[Problem]:
    """Check a modal or home view as views.open, push, update and publish would; pointers start at the view."""
    if len(json.dumps(view, ensure_ascii=False).encode()) > MOST_VIEW_BYTES:
        return [Problem("view_too_large", "", f"must be at most {MOST_VIEW_BYTES} bytes")]
    return [Problem("invalid_arguments", *fault) for fault in _VIEW(view, "")]


def check_ack(body: Mapping[str, Any] | None, view: Mapping[str, Any] | None = None) -> list[Problem]:
    """Check the ack of a view_submission; with the submitted `view`, also that errors name its input blocks."""
    if not body:
        return []
    action = body.get("response_action")
    if action in ("update", "push"):
        return _new_view(body)
    if action == "errors":
        return list(_errors(body.get("errors"), view))
    if action == "clear":
        return []
    return [Problem("invalid_arguments", "/response_action", f"unsupported response_action: {action}")]


def _new_view(body: Mapping[str, Any]) -> list[Problem]:
    view = body.get("view")
    if not isinstance(view, Mapping) or view.get("type") != "modal":
        return [Problem("invalid_arguments", "/view", "must provide a modal view")]
    return [Problem(problem.error, f"/view{problem.pointer}", problem.message) for problem in check_view(view)]


def _errors(errors: Any, view: Mapping[str, Any] | None) -> Iterator[Problem]:
    if not isinstance(errors, Mapping) or not errors:
        yield Problem("invalid_arguments", "/errors", "must provide an object with at least one error")
        return
    inputs = {block.get("block_id") for block in (view or {}).get("blocks", ()) if block["type"] == "input"}
    for block_id, text in errors.items():
        if view is not None and block_id not in inputs:
            yield Problem("invalid_arguments", f"/errors/{block_id}", "no input block has this block_id")
        for fault in string(MOST_ERROR_TEXT)(text, f"/errors/{block_id}"):
            yield Problem("invalid_arguments", *fault)
