"""What a text claims: progress, completion, a lead over the plan. Short lists of English words, no cleverness.

A sentence that hedges before its claim ("not", "nearly", "once", "will be") claims nothing, nor does one about a part
("phase 1 is complete", "finished the design review"). Where in doubt a text claims nothing: a manager who is shown three
false alarms stops reading the true one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from textwrap import shorten

from bot.domain.checks.progress import reports_in, signs_in
from bot.domain.checks.sentences import clauses, is_question, plain

_LONGEST_QUOTE = 120

# Said before the claim, these take it back, or move it to a future that may not come.
_HEDGE = re.compile(
    r"\b(?:not|no|nor|none|neither|nobody|never|nothing|without|cannot|\w+n't|unable|fail(?:s|ed)?|yet|hardly|little|"
    r"(?:slow|slower|limited|minimal|poor|insufficient|lack of) progress|"
    r"nearly|almost|mostly|partly|partially|largely|close to|about to|half|"
    r"will|would|shall|should|could|can|may|might|must|needs?|be|being(?! made)|getting|to (?:get|have|see)|"
    r"if|once|when|until|till|unless|before|after|as soon as|by the time|next|"
    r"hop(?:e[sd]?|ing)|expect\w*|planned|plan(?:s|ning)? (?:to|for)|aim\w*|intend\w*|anticipat\w*|"
    r"scheduled (?:to|for)|on (?:course|track) (?:to|for)|subject to|proposed|goal is|due|wait\w*|await\w*|pending)\b",
    re.IGNORECASE,
)
# A claim about one of several, or about less than the whole.
_PART = re.compile(
    r"\b(?:most|majority|some|many|several|parts?|aspects?|elements?|half|first|second|third|phases?|stages?|tranches?|"
    r"steps?|sub-?tasks?|modules?|sections?|(?:one|two|three|four|five|\d+) (?:out )?of)\b|(?<!\d)(?!100)\d+(?:[.,]\d+)? ?%",
    re.IGNORECASE,
)
_TAKEN_BACK = re.compile(
    r"\b(?:but|except|excluding|apart from|other than|besides|still|remain\w*|outstanding|left|pending|await\w*|not|yet)\b",
    re.IGNORECASE,
)
_MONEY = re.compile(r"\b(?:spen[dt]\w*|costs?|budgets?|expenditure|hiring)\b", re.IGNORECASE)

_HUNDRED = r"(?:100 ?%|100 per ?cent|(?:one |a )?hundred per ?cent)"
_SURELY = rf"(?:(?:now|all|fully|already|completely|officially|finally|successfully|{_HUNDRED}) )*"
_STATE = rf"(?:completed?|done|finished|delivered|{_HUNDRED}(?: there)?)"
_STATE_SIGNS = ("complete", "done", "finished", "delivered", "100", "hundred")  # no claim is without one of them
_IS = r"(?:is|are|was|were|has been|have been|has|have|has now been|have now been|stands at|is at)"
_END = (
    r"(?=\s*(?:$|[.,;!)]|(?:and|now|already|today|successfully|ahead|early|as planned|this quarter)\b|"
    r"(?:on|within|under|before|in) (?:time|schedule|budget|full|the deadline)\b))"
)
_AHEAD = re.compile(
    r"\bahead of (?:the |our |its )?(?:original )?(?:schedule|plan|time|baseline|timeline)\b"
    rf"|\b(?:earlier|sooner|faster) than (?:planned|scheduled){_END}",
    re.IGNORECASE,
)
_LEAD_SIGNS = ("ahead of", "earlier than", "sooner than", "faster than")
_LEAD = r"(?:^|[,:;(]\s*|\b(?:and|so|that|the|this|our|all|whole|entire|overall|now)\s+)"
_OBJECT = r"(?:everything|it all|(?:(?:the|this|our|all|whole|entire) )*(?:project|programme|program|milestone|goal|work|tasks))"

PROJECT = ("project", "programme", "program", "everything", "all milestones", "every milestone")
MILESTONE = (
    "project", "programme", "program", "milestone", "project goal", "goal", "work", "everything", "all tasks", "all deliverables",
)  # fmt: skip

# Completion that names no subject: of whatever the text is about.
_BARE = re.compile(
    rf"^(?:status: ?|we are |we're |it is |it's |this is |this )?{_SURELY}{_STATE}"
    rf"(?: (?:now|successfully|ahead of \w+|early|on time|as planned|{_HUNDRED}))*\s*[.!)]*$"
    rf"|^{_SURELY}{_STATE} and \b"
    rf"|\b{_HUNDRED} (?:completed?|done|finished|delivered|ready){_END}"
    rf"|(?:^|\bwe(?:'ve| have)? ){_SURELY}(?:completed|finished|delivered) {_OBJECT}{_END}",
    re.IGNORECASE,
)


def progress_claims(text: Iterable[str]) -> Iterator[str]:
    """The clauses that report something done, begun or moving."""
    for sentence in text:
        signs = signs_in(sentence)
        if signs and not is_question(sentence):
            yield from (clause for clause in clauses(sentence) if _is_reported(clause, signs))


def completion_claims(text: Iterable[str], subjects: Sequence[str], *, is_about_it: bool) -> Iterator[str]:
    """The sentences that call one of the subjects complete, done or at 100 %.

    Where the whole text `is_about_it`, a bare "Done." or "100 % complete" counts too.
    """
    for sentence in filter(_may_state, text):
        patterns = [*_of_any(subjects, sentence), *([_BARE] if is_about_it else [])]
        if patterns and not is_question(sentence) and _states(sentence, patterns):
            yield sentence


def lead_claims(text: Iterable[str]) -> Iterator[str]:
    """The sentences that say ahead of schedule; of money ahead of plan nothing good is said."""
    for sentence in filter(_may_lead, text):
        match = _AHEAD.search(sentence)
        if match and match.start() <= len(_unhedged(sentence)) and not _MONEY.search(sentence):
            yield sentence


def quote(sentence: str) -> str:
    """A sentence as evidence shows it, at most 120 characters."""
    return shorten(sentence, _LONGEST_QUOTE, placeholder="…")


def names(sentence: str, name: str) -> bool:
    """Whether a sentence speaks of something by its name."""
    return re.search(_word(name), sentence, re.IGNORECASE) is not None


def _is_reported(clause: str, signs: Iterable[str]) -> bool:
    return any(not _HEDGE.search(clause, 0, end) for end in reports_in(clause, signs))


def _may_state(sentence: str) -> bool:
    folded = sentence.casefold()
    return any(sign in folded for sign in _STATE_SIGNS)


def _may_lead(sentence: str) -> bool:
    folded = sentence.casefold()
    return any(sign in folded for sign in _LEAD_SIGNS)


def _of_any(subjects: Sequence[str], sentence: str) -> Iterator[re.Pattern[str]]:
    """The claims about those subjects that a sentence speaks of: each name costs milliseconds, a portfolio has 20,000."""
    folded = sentence.casefold()
    return (_of(subject) for subject in subjects if plain(subject).casefold() in folded)


@lru_cache(maxsize=1_024)
def _of(subject: str) -> re.Pattern[str]:
    """Subject and claim side by side: "the work is now complete", "Mobile app: done"."""
    named = _word(subject)
    return re.compile(rf"{_LEAD}{named}(?:\s*:)?\s+(?:{_IS}\s+)?{_SURELY}{_STATE}{_END}", re.IGNORECASE)


def _states(sentence: str, patterns: Iterable[re.Pattern[str]]) -> bool:
    """Whether one of the claims stands before any hedge and after all that takes it back."""
    first_hedge = len(_unhedged(sentence))
    taken_back = max((match.start() for match in _TAKEN_BACK.finditer(sentence)), default=0)
    claims = (match for pattern in patterns for match in pattern.finditer(sentence))
    return any(match.start() <= first_hedge and match.end() > taken_back for match in claims)


def _unhedged(sentence: str) -> str:
    return _before(_PART, _before(_HEDGE, sentence))


def _before(pattern: re.Pattern[str], words: str) -> str:
    """What is said before the first match, or all of it."""
    match = pattern.search(words)
    return words[: match.start()] if match else words


def _word(name: str) -> str:
    return rf"(?<!\w){re.escape(plain(name))}(?!\w)"
