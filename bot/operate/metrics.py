"""What a bot counts of itself. Kept by prometheus-client where that is installed, by nobody otherwise."""

from __future__ import annotations


class Metrics:
    """Counts nothing: what a bot without prometheus-client uses."""

    def acked(self, seconds: float, *, is_answered: bool) -> None:
        """A payload of Slack's was handled in so many seconds; `is_answered` where it was acknowledged."""

    def called(self, method: str, result: str) -> None:
        """A method of Slack's Web API was called; `result` is `ok`, Slack's error code, or `no answer`."""

    def exposition(self) -> bytes | None:
        """All figures in Prometheus' text format; None where none are kept."""
        return None
