"""The life of a report: whatever happens in whatever order, only facts that were confirmed as they are get published."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.life import LifeState, NotReviewed, ReportLife

FACTS = st.sampled_from(["a", "b", "c"])
EVENTS = st.lists(
    st.one_of(st.tuples(st.just("changed"), FACTS), st.tuples(st.just("review"), FACTS), st.just(("publish", ""))),
    max_size=20,
)


@given(EVENTS)
def test_nothing_is_published_that_was_not_confirmed_as_it_is(events: list[tuple[str, str]]) -> None:
    life, confirmed = ReportLife("a"), None
    for event, facts in events:
        before = life
        if event == "publish":
            try:
                life = life.publish()
            except NotReviewed:
                assert confirmed != before.facts
                assert before.state in (LifeState.COLLECTING, LifeState.CHANGES_PROPOSED)
                continue
            assert life.state is LifeState.PUBLISHED
            assert life.published == before.facts
            assert before.facts in (confirmed, before.published)
            confirmed = confirmed if before.state is LifeState.PUBLISHED else None
        else:
            life = getattr(life, event)(facts)
            confirmed = facts if event == "review" else confirmed
        assert life.published == before.published or event == "publish"


def test_one_confirmation_is_one_publication() -> None:
    life = ReportLife("a").review("a").publish().changed("b")
    assert life.state is LifeState.CHANGES_PROPOSED
    with pytest.raises(NotReviewed):
        life.publish()


@pytest.mark.parametrize(
    ("life", "state"),
    [
        (ReportLife("a"), LifeState.COLLECTING),
        (ReportLife("a", reviewed="b"), LifeState.COLLECTING),
        (ReportLife("a", reviewed="a"), LifeState.IN_REVIEW),
        (ReportLife("a", reviewed="a", published="b"), LifeState.IN_REVIEW),
        (ReportLife("a", published="a"), LifeState.PUBLISHED),
        (ReportLife("a", reviewed="b", published="c"), LifeState.CHANGES_PROPOSED),
    ],
)
def test_every_state_has_its_name(life: ReportLife, state: LifeState) -> None:
    assert life.state is state
