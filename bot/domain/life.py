"""The life of a report: collecting, in review, published, changes proposed. Only a review of the very facts leads to "published".

Facts are told apart by their fingerprints: equal ones are equal to every reader.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from bot.domain.errors import BotError


class NotReviewed(BotError):
    """The facts that would be published are not those that somebody confirmed."""


class LifeState(StrEnum):
    """Where a quarter's report stands."""

    COLLECTING = "collecting"  # nothing was published, and nobody has confirmed the facts as they are
    IN_REVIEW = "in review"  # somebody has confirmed these very facts
    PUBLISHED = "published"  # the channel holds these facts
    CHANGES_PROPOSED = "changes proposed"  # facts have changed since the channel was told


@dataclass(frozen=True, slots=True)
class ReportLife:
    """What would be published now (`facts`), what was confirmed last, and what stands in the channel; None: nothing."""

    facts: str
    reviewed: str | None = None
    published: str | None = None

    @property
    def state(self) -> LifeState:
        """Where it stands; what is in the channel needs no review."""
        if self.published == self.facts:
            return LifeState.PUBLISHED
        if self.reviewed == self.facts:
            return LifeState.IN_REVIEW
        return LifeState.COLLECTING if self.published is None else LifeState.CHANGES_PROPOSED

    def changed(self, facts: str) -> ReportLife:
        """After an answer, an edit, or anything else that a reader would see."""
        return replace(self, facts=facts)

    def review(self, facts: str) -> ReportLife:
        """After somebody has confirmed some facts; they need not be the present ones."""
        return replace(self, reviewed=facts)

    def publish(self) -> ReportLife:
        """With the present facts in the channel. Raises NotReviewed for any but those that were confirmed."""
        if self.state is LifeState.PUBLISHED:
            return self
        if self.state is not LifeState.IN_REVIEW:
            raise NotReviewed("These facts were not reviewed.")
        return replace(self, published=self.facts, reviewed=None)
