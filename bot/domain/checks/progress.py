"""English for "something moved": the words and phrases by which people report progress, in British and American spelling.

A phrase stands under its signs, words of which it cannot do without one: a sentence without signs is not read further.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

# They report something done wherever they stand unhedged.
_DONE = (
    "achieved added advanced approved built completed created delivered deployed done enabled finalised finished fixed "
    "implemented improved introduced landed launched merged migrated opened progressed published released resolved revised "
    "shipped signed stabilised started submitted unblocked updated upgraded"
)
# These are adjectives as often ("integrated services"): they report only after or before whom or what they are about.
_DONE_BY = (
    "accepted adopted appointed authorised automated awarded cleared commissioned concluded configured connected constructed "
    "converted demonstrated designed developed documented drafted established fulfilled hired installed integrated "
    "mobilised modernised obtained onboarded optimised piloted ported procured ratified recruited refactored rewritten "
    "secured standardised streamlined strengthened tested trained transitioned trialled trialed validated verified written"
)  # fmt: skip
_DOER = (
    r"(?:\b(?:we|i|they|the team|our team|has|have|had|was|were|been)|'ve) (?:(?:all|also|now|already|just|\w+ly) )*"
    r"|^(?:\w+ly )?(?=\w+ (?:the|an?|our|all|its|their|new|more|two|three|four|five|\d+)\b)"
)
_FOR = r"(?! (?:to (?!users|customers)|for|as|that)\b)"
_HAVE = r"(?:has|have|had|'s|'ve)"
_IS = r"(?:is|are|was|were|has been|have been|'s|'re|been)"
_GOOD = (
    r"(?:big|considerable|encouraging|excellent|fast|good|great|huge|important|major|positive|promising|rapid|real|significant|"
    r"solid|steady|strong|substantial|tangible|tremendous)"
)
_WORK = (
    r"(?:build|construction|delivery|deployment|design|development|implementation|integration|migration|mobili[sz]ation|pilot|"
    r"procurement|production|recruitment|roll-?out|testing|tests|training|trials?|works?)"
)
_LEAVE = (
    r"(?:accreditation|approvals?|certification|clearance|consents?|funding|licen[cs]es?|permissions?|permits?|planning|"
    r"sign-?off)"
)
_AIM = r"(?:milestones?|targets?|goals?|deadlines?|agreements?|consensus)"
_GATE = r"(?:gates?|gateway|reviews?|audits?|inspection|tests)"
_ISSUES = r"(?:issues?|bugs?|tickets?|defects?|actions?|findings?)"

_PHRASES = {
    "progress": (
        rf"{_GOOD} progress|(?:made|makes|making|continue[sd]? to make) (?:\w+ ){{0,2}}?progress"
        rf"|progress (?:has been|was|is being) made|progress (?:\w+ ){{0,4}}?(?:is|was|has been|remains) (?:\w+ly )?{_GOOD}"
        r"|progress (?:continues|continued|is continuing|has continued)(?! to be)|continue[sd]? to progress"
    ),
    "headway": r"(?:made|makes|making) (?:\w+ ){0,2}?headway|headway (?:has been|was|is being) made",
    "strides": rf"{_GOOD} strides|strides (?:have been|were) made",
    "advances": rf"{_GOOD} advances|advances (?:have been|were) made|(?:made|making) (?:\w+ ){{0,2}}?advances",
    "step steps": rf"{_GOOD} steps? forwards?|(?:took|taken) (?:\w+ ){{0,2}}?steps? (?:forwards?|towards?)",
    "momentum pace traction speed ground": (
        r"(?:gain(?:s|ed|ing)?|gather(?:s|ed|ing)?|pick(?:s|ed|ing)? up) (?:\w+ )?(?:momentum|pace|traction|speed|ground)"
    ),
    "progressing advancing": rf"(?:{_IS}|keeps|kept|continue[sd]?) (?:\w+ ){{0,2}}?(?:progressing|advancing)(?! (?:the|an?)\b)",
    "moving moved moves": (
        rf"(?:(?:{_IS}|keeps|kept) (?:\w+ly |now |all )?moving|moved|moves) (?:\w+ly )?(?:forwards?|ahead|along)"
    ),
    "coming": rf"{_IS} coming (?:along|together)",
    "shape shaping": rf"{_IS} (?:taking shape|shaping up)",
    "well smoothly": (
        rf"(?:{_IS} (?:all )?going|(?:went|gone|goes|proceed(?:s|ed|ing)|develop(?:s|ing))(?: \w+)?) (?:well|smoothly)"
        r"|well under ?way|well advanced"
    ),
    "rolled": r"rolled (?:\w+ ){0,3}?out",
    "wrapped": r"wrapped (?:\w+ ){0,3}?up",
    "handed": r"handed (?:\w+ ){0,3}?over",
    "kicked": r"kicked (?:\w+ ){0,3}?off",
    "closed": rf"closed (?:out|off|down)|{_ISSUES} (?:\w+ ){{0,2}}?closed|closed (?:\w+ ){{0,3}}?{_ISSUES}",
    "switched cut": r"(?:switched|cut) over",
    "set": r"(?:was|were|been|we|'ve|have) (?:\w+ly |now )?set up",
    "put": r"(?:was|were|been|we|have) put in(?:to)? (?:place|use|service|production)",
    "brought": r"brought (?:\w+ ){0,3}?online",
    "live": (
        rf"(?:went|gone|goes|put|taken) live|live since|{_IS} (?:now |already |fully |finally |all )*live(?! (?:in|with|at)\b)"
    ),
    "now": (
        r"(?:is|are|'s|'re) now (?:fully |also |publicly |generally )*(?:complete|live|available|operational|open|running|usable|"
        r"supported|functional|ready|up and running|in (?:use|production|place|service|operation)|under ?way)"
    ),
    "complete": r"(?:is|are) (?:now )?complete",
    "begun commenced began": (
        rf"{_HAVE} (?:now |already |also )?(?:begun|commenced)|{_WORK} (?:\w+ ){{0,4}}?(?:began|commenced)"
    ),
    "reached met hit passed": (
        rf"{_AIM} (?:(?:was|were|has been|have been|all|now) )*(?:reached|met|hit|passed)"
        rf"|(?:reached|met|hit|passed) (?:\w+ ){{0,3}}?(?:{_AIM}|{_GATE})"
    ),
    "obtained secured received gained granted won given": (
        rf"(?:obtained|secured|received|gained|won|granted) (?:\w+ ){{0,3}}?{_LEAVE}"
        rf"|{_LEAVE} (?:was|were|has been|have been) (?:obtained|secured|received|granted|given)"
    ),
    "successful successfully": (
        r"(?<!on )(?<!upon )(?<!after )(?<!following )successful (?:completion|deployment|go-?live|launch|migration|pilot|"
        r"release|roll-?out|test|trial) (?:of|in|at|by|with)|successfully \w+ed"
    ),
    "landing shipping": r"(?:started|began) (?:landing|shipping)",
}  # fmt: skip


def _after(*words: str) -> str:
    return "".join(rf"(?<!\b{word} )" for word in words)


def _spelled(words: str) -> list[str]:
    """Words with their American spelling."""
    return [spelling for word in words.split() for spelling in dict.fromkeys((word, word.replace("ised", "ized")))]


# Right after one of these a word of the first kind is an adjective: "the approved plan" tells of no approval.
_NO_ADJECTIVE = _after("the", "a", "an", "any", "each", "every", "our", "their", "its", "of")
_AT_THE_END = rf"(?<=\w ){_NO_ADJECTIVE}{_after('as', 'than', 'is', 'are')}"
_NOT_SO = (
    r"\b(?!\W+(?:none|nil|nothing|zero|0)\b)"
    r"(?! (?:is|are|was|were) (?:expected|needed|required|planned|essential|critical|dependent)\b)"
)


def _patterns() -> Iterator[tuple[str, str]]:
    """Each sign with what must stand around it."""
    yield from ((word, rf"\b{_NO_ADJECTIVE}{word}") for word in _spelled(_DONE))
    yield from ((word, rf"(?:{_DOER}){word}{_FOR}|{_AT_THE_END}{word}(?=[.!]?$)") for word in _spelled(_DONE_BY))
    yield from ((word, rf"\b(?:{phrase})") for words, phrase in _PHRASES.items() for word in words.split())


_WORD = re.compile(r"[a-z]+")
_SIGNS = frozenset(sign for sign, _ in _patterns())


def signs_in(sentence: str) -> frozenset[str]:
    """The words in a sentence that may report progress."""
    return _SIGNS.intersection(_WORD.findall(sentence.lower()))


def reports_in(clause: str, signs: Iterable[str]) -> Iterator[int]:
    """Where each of the phrases ends that report something done, begun or moving, by the signs of its sentence."""
    found = (_pattern_of(sign).search(clause.lower()) for sign in signs)
    return (match.end() for match in found if match)


@cache
def _pattern_of(sign: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(pattern for word, pattern in _patterns() if word == sign)}){_NOT_SO}")
