"""What a text claims: progress, completion, a lead over the plan. Short lists of English words, no cleverness.

A sentence that hedges before its claim ("not", "nearly", "once", "will be") claims nothing, nor does one about a part
("phase 1 is complete", "finished the design review"). Where in doubt a text claims nothing: a manager who is shown three
false alarms stops reading the true one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from textwrap import shorten

_LONGEST_QUOTE = 120

_LINK = re.compile(r"\(?https?://\S+")
_NOISE = re.compile(r"^\s*>.*$|^#+\s|[*`]", re.MULTILINE)  # quoted lines, and Markdown's marks
_SENTENCE_END = re.compile(r"(?<=[.!?…;])\s+|\n+")
_TURN = re.compile(r"\s+[–—-]+\s+|,?\s*\b(?:but|however|although|though|whereas)\b", re.IGNORECASE)
_BULLET = re.compile(r"^[\s\-–•✅✓]+|^\d+[.)]\s+")

# Said before the claim, these take it back, or move it to a future that may not come.
_HEDGE = re.compile(
    r"\b(?:not|no|nor|never|nothing|without|cannot|\w+n't|unable|fail(?:s|ed)?|yet|hardly|little|"
    r"nearly|almost|mostly|partly|partially|largely|close to|about to|half|"
    r"will|would|shall|should|could|can|may|might|must|needs?|be|being|getting|to (?:get|have|see)|"
    r"if|once|when|until|till|unless|before|after|as soon as|by the time|next|"
    r"hop(?:e[sd]?|ing)|expect\w*|planned|plan(?:s|ning)? (?:to|for)|aim\w*|intend\w*|goal is|due|wait\w*|await\w*|pending)\b",
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
# Right before the word it is an adjective: "the approved plan" tells of no approval.
_DETERMINER = re.compile(r"\b(?:the|an?|any|each|every|our|their|its|of)\s+$", re.IGNORECASE)
_MONEY = re.compile(r"\b(?:spen[dt]\w*|costs?|budgets?|expenditure|hiring)\b", re.IGNORECASE)

_PROGRESS = re.compile(
    r"\b(?:completed|finished|delivered|shipped|launched|released|merged|landed|implemented|fixed|resolved|deployed|"
    r"published|submitted|approved|signed|stabili[sz]ed|migrated|achieved|added|created|built|started|opened|updated|"
    r"revised|improved|enabled|introduced|unblocked|advanced|progressed|done|(?:is|are) (?:now )?complete|"
    r"moved (?:forward|ahead)|(?:made|making) (?:\w+ ){0,2}?(?:progress|headway)|progress (?:has been|was) made|"
    r"(?:good|great|steady|significant|substantial|strong|solid|excellent) progress)\b",
    re.IGNORECASE,
)
_HUNDRED = r"(?:100 ?%|100 per ?cent|(?:one |a )?hundred per ?cent)"
_SURELY = rf"(?:(?:now|all|fully|already|completely|officially|finally|successfully|{_HUNDRED}) )*"
_STATE = rf"(?:completed?|done|finished|delivered|{_HUNDRED}(?: there)?)"
_STATED = re.compile(_STATE, re.IGNORECASE)  # no claim of completion is without
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


def progress_claims(text: str) -> Iterator[str]:
    """The clauses that report something done."""
    for sentence in _sentences(text):
        for clause in _TURN.split(sentence):
            before = (clause[: match.start()] for match in _PROGRESS.finditer(clause))
            if any(not (_HEDGE.search(words) or _DETERMINER.search(words)) for words in before):
                yield clause.strip()


def completion_claims(text: str, subjects: Sequence[str], *, is_about_it: bool) -> Iterator[str]:
    """The sentences that call one of the subjects complete, done or at 100 %.

    Where the whole text `is_about_it`, a bare "Done." or "100 % complete" counts too.
    """
    for sentence in filter(_STATED.search, _sentences(text)):
        patterns = [*_of_any(subjects, sentence), *([_BARE] if is_about_it else [])]
        if any(_claims(sentence, match) for pattern in patterns for match in pattern.finditer(sentence)):
            yield sentence


def lead_claims(text: str) -> Iterator[str]:
    """The sentences that say ahead of schedule; of money ahead of plan nothing good is said."""
    for sentence in _sentences(text):
        match = _AHEAD.search(sentence)
        if match and not (_MONEY.search(sentence) or _is_hedged(sentence[: match.start()])):
            yield sentence


def quote(sentence: str) -> str:
    """A sentence as evidence shows it, at most 120 characters."""
    return shorten(sentence, _LONGEST_QUOTE, placeholder="…")


def names(sentence: str, name: str) -> bool:
    """Whether a sentence speaks of something by its name."""
    return re.search(_word(name), sentence, re.IGNORECASE) is not None


def _of_any(subjects: Sequence[str], sentence: str) -> Iterator[re.Pattern[str]]:
    """The claims about those subjects that a sentence speaks of: each name costs milliseconds, a portfolio has 20,000."""
    folded = sentence.casefold()
    return (_of(subject) for subject in subjects if _plain(subject).casefold() in folded)


@lru_cache(maxsize=1_024)
def _of(subject: str) -> re.Pattern[str]:
    """Subject and claim side by side: "the work is now complete", "Mobile app: done"."""
    named = _word(subject)
    return re.compile(rf"{_LEAD}{named}(?:\s*:)?\s+(?:{_IS}\s+)?{_SURELY}{_STATE}{_END}", re.IGNORECASE)


def _claims(sentence: str, match: re.Match[str]) -> bool:
    is_taken_back = sentence.rstrip().endswith("?") or _TAKEN_BACK.search(sentence[match.end() :])
    return not (is_taken_back or _is_hedged(sentence[: match.start()]))


def _is_hedged(before: str) -> bool:
    return bool(_HEDGE.search(before) or _PART.search(before))


def _sentences(text: str) -> Iterator[str]:
    for sentence in _SENTENCE_END.split(_plain(text)):
        if stripped := " ".join(_BULLET.sub("", sentence).split()):
            yield stripped


def _plain(text: str) -> str:
    return _NOISE.sub("", _LINK.sub("[link]", text).replace("’", "'").replace("\u00a0", " ").replace("\u202f", " "))


def _word(name: str) -> str:
    return rf"(?<!\w){re.escape(_plain(name))}(?!\w)"
