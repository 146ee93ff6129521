"""Everything Slack sends to the bot: commands, buttons, dialogs and events, by who presses them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slack_bolt import App, BoltResponse
from slack_bolt.error import BoltUnhandledRequestError

from bot.slack.desk import Desk
from bot.slack.errors import ErrorDesk
from bot.slack.listeners.decisions import DecisionListeners
from bot.slack.listeners.drafts import DraftListeners
from bot.slack.listeners.handover import HandoverListeners
from bot.slack.listeners.home import HomeEventListeners, HomeListeners
from bot.slack.listeners.late import LateListeners
from bot.slack.listeners.lend import LendListeners
from bot.slack.listeners.manage import ManageListeners
from bot.slack.listeners.manager import ManagerListeners
from bot.slack.listeners.nudges import NudgeListeners
from bot.slack.listeners.owner import OwnerListeners
from bot.slack.listeners.plan_files import PlanFileListeners
from bot.slack.listeners.portfolio import PortfolioListeners
from bot.slack.listeners.reader import ReaderListeners
from bot.slack.listeners.reading import ReadingListeners
from bot.slack.listeners.rest import answer_unknown
from bot.slack.listeners.risks import RiskListeners
from bot.slack.listeners.setup import SetupListeners
from bot.slack.listeners.shortcuts import ShortcutListeners

# Bolt asks one after another, at about 20 µs each: what comes most often stands first.
_LISTENERS = (
    DraftListeners,
    HomeEventListeners,
    OwnerListeners,
    HomeListeners,
    ShortcutListeners,
    NudgeListeners,
    HandoverListeners,
    LendListeners,
    RiskListeners,
    ManagerListeners,
    ReadingListeners,
    LateListeners,
    ManageListeners,
    PortfolioListeners,
    ReaderListeners,
    DecisionListeners,
    SetupListeners,
    PlanFileListeners,
)


def register(app: App, desk: Desk) -> None:
    """Tie every command, button, dialog and event of the manifest to its listener.

    The app has to be one that raises what no listener takes.
    """
    for listeners in _LISTENERS:
        listeners(desk).register(app)
    errors = ErrorDesk(desk.messenger, desk.words)

    @app.error
    def on_error(error: Exception, body: Mapping[str, Any]) -> BoltResponse:
        return answer_unknown(body) if isinstance(error, BoltUnhandledRequestError) else errors.answer(error, body)
