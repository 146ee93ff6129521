"""Every limit of Slack that the bot can meet, in one place, as pure functions over JSON values.

The numbers come from `docs.slack.dev` (Block Kit, views and chat.* reference). Where Slack publishes none,
the constant says so. Each function returns what Slack would refuse; an empty list means it would accept.
"""

from bot.sandbox.rules.messages import check_message, check_update
from bot.sandbox.rules.shapes import Problem
from bot.sandbox.rules.views import check_ack, check_view

__all__ = ["Problem", "check_ack", "check_message", "check_update", "check_view"]
