"""Channels as files and settings name them: ``#leadership``, or Slack's id of one."""

from __future__ import annotations

import re

# Slack's names have at most 80 characters, and none of those that stand between words or around its own links.
_NAME_OR_ID = re.compile(r"#?[^\s#<>,&]{1,80}")


def is_channel(text: str) -> bool:
    """Whether a text can be a channel's name or id; whether there is such a channel only Slack knows."""
    return _NAME_OR_ID.fullmatch(text) is not None
