"""Slack's requests over HTTP: what stands in a payload reaches Bolt as it was written, however it is quoted."""

from __future__ import annotations

import json
from urllib.parse import quote, urlencode

from hypothesis import given
from hypothesis import strategies as st

from bot.slack.http import _readable

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(payload=st.dictionaries(st.text(), VALUES), is_ascii=st.booleans(), safe=st.sampled_from(["", "=:/ "]))
def test_a_form_with_a_payload_is_read_as_the_json_that_it_holds(payload: object, is_ascii: bool, safe: str) -> None:
    written = json.dumps(payload, ensure_ascii=is_ascii)
    for body in (urlencode({"payload": written}), f"payload={quote(written, safe=safe)}"):
        assert _readable(body.encode()).decode() == written


def test_every_other_body_is_left_to_bolt() -> None:
    command = urlencode({"command": "/compile-report", "text": 'payload={"a": 1}'})
    for body in (
        command,
        json.dumps({"type": "event_callback"}),
        urlencode({"payload": '{"a": 1}', "b": "2"}),
        "payload=%5B%5D",
    ):
        assert _readable(body.encode()) == body.encode()
