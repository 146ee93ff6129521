"""Time zones by name: one that this machine does not know is none, and stops nobody."""

from __future__ import annotations

from zoneinfo import ZoneInfo


def known_zone(name: str | None) -> ZoneInfo | None:
    """The zone of an IANA name such as ``Europe/London``; None where there is no such zone here."""
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):  # not there, not a name of a zone, the name of a folder
        return None
