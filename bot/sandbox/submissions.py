"""Submitting a dialog: what goes to the app with it, and what the app's ack does to it."""

import base64
from collections.abc import Mapping
from typing import Any

from bot.sandbox import payloads
from bot.sandbox.api.calls import Context
from bot.sandbox.api.endpoint import WebApi
from bot.sandbox.delivery import Ack
from bot.sandbox.forms import Values, fields
from bot.sandbox.modals import OpenView, ViewError
from bot.sandbox.responses import ResponseUrls
from bot.sandbox.rules import check_ack

TROUBLE_CONNECTING = "We had some trouble connecting. Try again?"


class Submissions:
    """The two ends of a submission."""

    def __init__(self, context: Context, api: WebApi, urls: ResponseUrls) -> None:
        self._workspace = context.workspace
        self._modals = context.modals
        self._base_url = context.base_url
        self._api = api
        self._urls = urls

    def with_files(self, view: OpenView, values: Values) -> Values:
        """The state with the bytes chosen in file inputs kept as files, as Slack's clients upload them."""
        for block, element, _ in fields(view.definition):
            if element["type"] == "file_input":
                answer = values[block["block_id"]][element["action_id"]]
                answer["files"] = [self._kept(view.person, item) for item in answer["files"]]
        return values

    def response_urls(self, view: OpenView) -> list[dict[str, str]]:
        """URLs for the conversations chosen in fields that ask for one."""
        urls = []
        for block, element, slot in fields(view.definition):
            chosen = view.values[block["block_id"]][element["action_id"]].get(slot.key)
            conversation = self._workspace.conversations.get(str(chosen))
            if block["type"] == "input" and element.get("response_url_enabled") and conversation:
                urls.append(
                    {
                        "block_id": block["block_id"],
                        "action_id": element["action_id"],
                        "channel_id": conversation.id,
                        "response_url": self._urls.new(view.person, conversation),
                    }
                )
        return urls

    def follow(self, view: OpenView, ack: Ack) -> None:
        """Do to a submitted view what the app's ack says; an ack that Slack would not take is recorded."""
        if not ack.answered:
            self._workspace.notify(view.person, TROUBLE_CONNECTING)
            return
        problems = check_ack(ack.body, view.definition)
        if problems:
            self._refuse(view, ack, problems[0].error)
        elif self._modals.is_open(view):
            self._apply(view, ack)

    def _apply(self, view: OpenView, ack: Ack) -> None:
        body = ack.body or {}
        action = body.get("response_action")
        try:
            if action == "errors":
                view.errors = dict(body["errors"])
                self._workspace.changes.touch()
            elif action == "update":
                self._modals.update(view, body["view"])
            elif action == "push":
                self._modals.push(view.person, body["view"])
            else:
                self._modals.close(view, whole_stack=action == "clear")
        except ViewError as refused:
            self._refuse(view, ack, refused.error)

    def _refuse(self, view: OpenView, ack: Ack, error: str) -> None:
        self._api.record("ack:view_submission", dict(ack.body or {}), error)
        self._workspace.notify(view.person, TROUBLE_CONNECTING)

    def _kept(self, person_id: str, item: Mapping[str, Any]) -> Mapping[str, Any]:
        if "content_base64" not in item:
            return item
        content = base64.b64decode(item["content_base64"])
        kept = self._workspace.keep_file(person_id, str(item["name"]), content)
        return payloads.file(self._workspace, kept, self._base_url)
