"""A Slack inside this process, in simulated time: it counts calls, and answers 429 to what comes faster than it permits."""

from __future__ import annotations

from collections import Counter, deque
from datetime import UTC, datetime, timedelta
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.clock import Clock

# Calls in any sixty seconds, by Slack's tiers; of chat.postMessage "several hundred" over the workspace, so three, and of
# auth.test "hundreds".
PERMITTED = {
    "auth.test": 200,
    "chat.postMessage": 300,
    "chat.update": 50,
    "users.list": 20,
    "dnd.teamInfo": 20,
    "conversations.list": 20,
}
MINUTE = 60.0
LATENCY = 0.05  # seconds that each call takes
TEAM = "T0BENCH"
_PAGE = 200


class SimulatedClock(Clock):
    """Time that passes only where somebody waits: for Slack's answer, for a slot, for the next heartbeat."""

    def __init__(self, at: datetime) -> None:
        self._start = at
        self.seconds = 0.0
        super().__init__()

    def real(self) -> datetime:  # type: ignore[override]  # it needs its own state
        return self._start + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        """Seconds since the beginning."""
        return self.seconds

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.seconds += seconds

    def go_to(self, instant: datetime) -> None:
        """Let time pass until an instant."""
        self.seconds = (instant - self._start).total_seconds()


class CountingSlack:
    """Answers what a campaign calls; stands in for `WebClient.api_call`."""

    def __init__(self, clock: SimulatedClock, people: list[str]) -> None:
        self._clock = clock
        self._people = people
        self._recent: dict[str, deque[float]] = {}
        self.calls: Counter[str] = Counter()
        self.refused = 0
        self.told: Counter[str] = Counter()
        self.posted_at: list[float] = []

    def api_call(self, client: WebClient, method: str, **arguments: Any) -> SlackResponse:
        """One call: counted, refused where it is one too many, else answered after a while."""
        self.calls[method] += 1
        now = self._clock.seconds
        recent = self._recent.setdefault(method, deque())
        while recent and recent[0] <= now - MINUTE:
            recent.popleft()
        recent.append(now)
        if len(recent) > PERMITTED[method]:
            self.refused += 1
            answer = self._answer(client, {"ok": False, "error": "ratelimited"}, 429, {"Retry-After": "30"})
            raise SlackApiError("ratelimited", answer)
        self._clock.sleep(LATENCY)
        payload = arguments.get("json") or arguments.get("params") or {}
        return self._answer(client, {"ok": True, **getattr(self, f"_{method.replace('.', '_')}")(payload)})

    @staticmethod
    def _answer(
        client: WebClient, data: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None
    ) -> SlackResponse:
        return SlackResponse(
            client=client,
            http_verb="POST",
            api_url="",
            req_args={},
            data=data,
            headers=headers or {},
            status_code=status,
        )

    @staticmethod
    def _auth_test(_: dict[str, Any]) -> dict[str, Any]:
        return {"team_id": TEAM}

    def _chat_postMessage(self, payload: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - Slack's name
        self.posted_at.append(self._clock.seconds)
        self.told[payload["channel"]] += 1
        return {"channel": f"D{payload['channel']}", "ts": f"{self.calls['chat.postMessage']}.000100"}

    @staticmethod
    def _chat_update(payload: dict[str, Any]) -> dict[str, Any]:
        return {"channel": payload["channel"], "ts": payload["ts"]}

    @staticmethod
    def _conversations_list(_: dict[str, Any]) -> dict[str, Any]:
        return {"channels": []}

    @staticmethod
    def _dnd_teamInfo(_: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - Slack's name
        return {"users": {}}

    def _users_list(self, payload: dict[str, Any]) -> dict[str, Any]:
        start = int(payload.get("cursor") or 0)
        end = start + _PAGE
        cursor = str(end) if end < len(self._people) else ""
        members = [_member(slack_id) for slack_id in self._people[start:end]]
        return {"members": members, "response_metadata": {"next_cursor": cursor}}


def _member(slack_id: str) -> dict[str, Any]:
    name = slack_id.lower()
    return {
        "id": slack_id,
        "team_id": TEAM,
        "name": name,
        "tz": "America/New_York",
        "profile": {"display_name": name.title()},
    }


def at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of 2025 in UTC."""
    return datetime(2025, month, day, hour, minute, tzinfo=UTC)
