"""Characters that do something instead of being read."""

from __future__ import annotations

import re

# Unicode's control characters but for tabs and line breaks, which databases refuse and terminals obey; those by which the rest
# of a line, figures and all, is shown backwards; and halves of characters that were cut in two. One pass in C: a Home cleans
# thousands of texts.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def has_controls(text: str) -> bool:
    """Whether a text holds any such character."""
    return _CONTROLS.search(text) is not None


def without_controls(text: str) -> str:
    """A text without them."""
    return _CONTROLS.sub("", text)
