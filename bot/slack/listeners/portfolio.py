"""The admin: `/compile-report all`, its review, and its publication."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from slack_bolt import Ack, App

from bot.domain.quarter import Quarter
from bot.flow.forms import PortfolioForm
from bot.flow.people import require_admin
from bot.flow.publish import portfolio as portfolio_flow
from bot.slack.desk import Desk, Opening, Payload, Visit, click_key, new_view_id
from bot.slack.ids import Action, View
from bot.slack.review import portfolio as portfolio_review
from bot.slack.review import review
from bot.slack.words import Words


class PortfolioListeners:
    """The buttons and dialogs of the portfolio's review."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def register(self, app: App) -> None:
        """Tie them to their ids."""
        app.action(Action.PORTFOLIO_PREVIEW)(self._on_preview)
        app.view(View.PORTFOLIO_REVIEW)(self._on_publish)
        app.view(View.PORTFOLIO_CONFIRM)(self._on_confirm)

    def _on_preview(self, body: Payload, ack: Ack) -> None:
        quarter = Quarter.parse(body["actions"][0]["value"])
        with self._desk.writing(body) as visit:
            portfolio_flow.request_preview(
                visit.session, visit.company, visit.person, quarter, key=click_key(body), moment=visit.moment
            )
            form = portfolio_flow.portfolio_form(visit.session, visit.company, quarter, visit.moment)
        saved = self._desk.words.say_plain("review/preview-sent.j2")
        view = portfolio_review.build(replace(form, saved=saved), self._desk.words)
        self._desk.messenger.update_view(body["view"]["id"], body["view"]["hash"], view)
        ack()

    def _on_publish(self, body: Payload, ack: Ack) -> None:
        quarter, reviewed = portfolio_review.read(body["view"])
        with self._desk.reading(body) as visit:
            require_admin(visit.session, visit.company, visit.person, to_do=portfolio_flow.TO_REPORT)
            form = portfolio_flow.confirm_form(
                visit.session,
                visit.company,
                quarter,
                self._desk.documents.portfolio,
                reviewed=reviewed,
                moment=visit.moment,
            )
        ack(response_action="push", view=self._confirming(form))

    def _on_confirm(self, body: Payload, ack: Ack) -> None:
        quarter, reviewed = portfolio_review.read(body["view"])
        with self._desk.writing(body) as visit:
            changed = portfolio_flow.publish_portfolio(
                visit.session,
                visit.company,
                visit.person,
                quarter,
                self._desk.documents.portfolio,
                reviewed=reviewed,
                moment=visit.moment,
            )
        if changed:
            ack(response_action="update", view=self._confirming(changed))
        else:
            ack(response_action="clear")

    def _confirming(self, form: PortfolioForm) -> dict[str, Any]:
        is_shared = self._desk.messenger.is_shared(form.channel)
        return portfolio_review.confirm(replace(form, is_shared_channel=is_shared), self._desk.words)


def review_opening(visit: Visit, quarter: Quarter | None, words: Words) -> Opening:
    """The view for `/compile-report all`: it waits for its report, which a worker fills in."""
    require_admin(visit.session, visit.company, visit.person, to_do=portfolio_flow.TO_REPORT)
    chosen, view_id = quarter or visit.company.latest_opened(visit.moment.now), new_view_id("portfolio")

    def request(visit: Visit) -> None:
        portfolio_flow.request_review(visit.session, chosen, view=view_id, moment=visit.moment)

    return Opening(review.loading(words) | {"external_id": view_id}, request)
