"""Leadership: the post's buttons, questions and answers; and the manager's word on a post that Slack did not confirm."""

from __future__ import annotations

import re

from slack_bolt import Ack, App

from bot.domain.errors import BotError, InvalidInput
from bot.flow.publish import read, settle
from bot.slack.blocks import metadata_of
from bot.slack.card import item_of
from bot.slack.desk import Desk, Payload, click_key, submission_key
from bot.slack.forms import fields, notes, readers
from bot.slack.ids import Action, View
from bot.slack.post import sections
from bot.slack.post.post import PREVIEW

_PERMALINK = re.compile(r"/archives/(\w+)/p(\d{10})(\d{6})")


class ReaderListeners:
    """The readers' buttons and dialogs."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def register(self, app: App) -> None:
        """Tie them to their ids."""
        app.action(Action.FULL_REPORT)(self._on_full_report)
        app.action(Action.ACKNOWLEDGE)(self._on_acknowledge)
        app.action(Action.ASK_QUESTION)(self._on_ask)
        app.view(View.ASK_QUESTION)(self._on_asked)
        app.action(Action.ANSWER_QUESTION)(self._on_answer)
        app.view(View.ANSWER_QUESTION)(self._on_answered)
        app.action(Action.POST_IS_THERE)(self._on_it_is_there)
        app.view(View.POST_LINK)(self._on_link)
        app.action(Action.POST_AGAIN)(self._on_post_again)

    def _on_full_report(self, body: Payload, ack: Ack) -> None:
        ref = item_of(self._value(body))
        with self._desk.reading(body) as visit:
            report = read.published_report(visit.session, ref).report
        self._desk.messenger.open_view(body["trigger_id"], sections.full_report(report, self._desk.words))
        ack()

    def _on_acknowledge(self, body: Payload, ack: Ack) -> None:
        ref = item_of(self._value(body))
        with self._desk.writing(body) as visit:
            is_new = read.acknowledge(visit.session, ref, visit.person, visit.moment)
        text = self._desk.words.say("reader/acknowledged.j2", is_new=is_new)
        self._desk.messenger.whisper(body["channel"]["id"], body["user"]["id"], text)
        ack()

    def _on_ask(self, body: Payload, ack: Ack) -> None:
        ref = item_of(self._value(body))
        with self._desk.reading(body) as visit:
            form = read.ask_form(visit.session, ref)
        self._desk.messenger.open_view(body["trigger_id"], readers.build_ask(form, self._desk.words))
        ack()

    def _on_asked(self, body: Payload, ack: Ack) -> None:
        view, key = body["view"], submission_key(body, "question")
        with self._desk.writing(body) as visit:
            form = read.ask_form(visit.session, readers.asked_about(view))
            ref, text = readers.read_ask(view, form, self._desk.words)
            read.ask_question(visit.session, visit.company, ref, visit.person, text, key=key, moment=visit.moment)
        ack()

    def _on_answer(self, body: Payload, ack: Ack) -> None:
        number = int(body["actions"][0]["value"])
        with self._desk.reading(body) as visit:
            form = read.answer_form(visit.session, visit.company, visit.person, number, visit.moment.now)
        lead = self._desk.words.say(
            "reader/answer.j2", asker=form.asked_by, milestone=form.milestone, question=form.text
        )
        label = self._desk.words.label("answer")
        view = notes.build_text(label, lead, label, View.ANSWER_QUESTION, {"question": number}, self._desk.words)
        self._desk.messenger.open_view(body["trigger_id"], view)
        ack()

    def _on_answered(self, body: Payload, ack: Ack) -> None:
        number = metadata_of(body["view"])["question"]
        text, key = notes.read_text(body["view"], self._desk.words), submission_key(body, "answer")
        with self._desk.writing(body) as visit:
            read.answer_question(visit.session, visit.company, visit.person, number, text, key=key, moment=visit.moment)
        ack()

    def _on_it_is_there(self, body: Payload, ack: Ack) -> None:
        lead = self._desk.words.say("reader/post-link.j2")
        view = notes.build_text(
            self._desk.words.label("post-is-there"),
            lead,
            self._desk.words.label("link"),
            View.POST_LINK,
            {"key": body["actions"][0]["value"]},
            self._desk.words,
        )
        self._desk.messenger.open_view(body["trigger_id"], view)
        ack()

    def _on_link(self, body: Payload, ack: Ack) -> None:
        link = _PERMALINK.search(notes.read_text(body["view"], self._desk.words))
        if link is None:
            raise self._refused_link("reader/not-a-link.j2")
        key = metadata_of(body["view"])["key"]
        with self._desk.writing(body) as visit:
            wanted = settle.channel_of(visit.session, key)
            channel = self._desk.messenger.channel(wanted) if wanted else None
            if channel and channel.id != link[1]:
                raise self._refused_link("reader/other-channel.j2", channel=wanted)
            place = (link[1], f"{link[2]}.{link[3]}")
            said = submission_key(body, "link")
            settle.settle_post(visit.session, visit.company, visit.person, key, place, said=said, moment=visit.moment)
        ack()

    def _refused_link(self, name: str, **values: object) -> InvalidInput:
        """What is wrong with a pasted link, said beside its field."""
        return InvalidInput({fields.block_id("text", notes.SALT): self._desk.words.say_plain(name, **values)})

    def _on_post_again(self, body: Payload, ack: Ack) -> None:
        key, said = body["actions"][0]["value"], click_key(body)
        with self._desk.writing(body) as visit:
            settle.settle_post(visit.session, visit.company, visit.person, key, None, said=said, moment=visit.moment)
        ack()

    def _value(self, body: Payload) -> str:
        """The report behind a post's button; a preview's buttons only say what they are."""
        value: str = body["actions"][0]["value"]
        if value == PREVIEW:
            raise BotError(self._desk.words.say_plain("reader/preview.j2"))
        return value
