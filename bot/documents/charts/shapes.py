"""How a status looks: a shape and a colour of its own, so that neither is needed to tell two of them apart.

The colours are those that Okabe and Ito chose to be told apart with any colour vision (Color Universal Design, 2008).
"""

from __future__ import annotations

from collections.abc import Callable

from bot.documents.charts.drawing import FAINT, SOFT
from bot.domain.milestone_line import LineState
from bot.domain.project import RagStatus

COLOURS = {
    RagStatus.ON_TRACK: "#009e73",
    RagStatus.AT_RISK: "#e69f00",
    RagStatus.OFF_TRACK: "#d55e00",
    RagStatus.COMPLETE: "#0072b2",
    RagStatus.NOT_STARTED: SOFT,
    RagStatus.NOT_KNOWN: SOFT,
}


def status_shape(x: float, y: float, radius: float, status: RagStatus) -> str:
    """A status around a point: circle, triangle, diamond, tick, ring or question mark, as documents print them."""
    return _STATUSES[status](x, y, radius, COLOURS[status])


def state_shape(x: float, y: float, radius: float, state: LineState) -> str:
    """Why a milestone has no status of this quarter: a sign in a dashed ring."""
    ring = f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="none" stroke="{FAINT}" stroke-width="2" stroke-dasharray="3 2"/>'
    return ring + _SIGNS.get(state, _question)(x, y, radius * 0.5, SOFT)


def _placed(x: float, y: float, radius: float, drawn: str) -> str:
    """A shape drawn around 0, from -1 to 1."""
    return f'<g transform="translate({x:g} {y:g}) scale({radius:g})">{drawn}</g>'


def _stroke(path: str, colour: str, width: float) -> str:
    looks = f'fill="none" stroke="{colour}" stroke-width="{width:g}" stroke-linecap="round" stroke-linejoin="round"'
    return f'<path d="{path}" {looks}/>'


def _disc(x: float, y: float, radius: float, colour: str) -> str:
    return _placed(x, y, radius, f'<circle r="1" fill="{colour}"/>')


def _ring(x: float, y: float, radius: float, colour: str) -> str:
    return _placed(x, y, radius, f'<circle r="0.82" fill="none" stroke="{colour}" stroke-width="0.36"/>')


def _triangle(x: float, y: float, radius: float, colour: str) -> str:
    return _placed(x, y, radius, f'<polygon points="0,-1 1.1,1 -1.1,1" fill="{colour}"/>')


def _diamond(x: float, y: float, radius: float, colour: str) -> str:
    return _placed(x, y, radius, f'<polygon points="0,-1.15 1.15,0 0,1.15 -1.15,0" fill="{colour}"/>')


def _check(x: float, y: float, radius: float, colour: str) -> str:
    return _placed(x, y, radius, _stroke("M-.9 .1 L-.2 .8 L1 -.8", colour, 0.45))


def _question(x: float, y: float, radius: float, colour: str) -> str:
    hook = _stroke("M-.6 -.5 C-.5 -1.3 .9 -1.3 .6 -.4 C.4 0 0 -.1 0 .45", colour, 0.35)
    return _placed(x, y, radius, f'{hook}<circle cy="1" r="0.22" fill="{colour}"/>')


def _plus(x: float, y: float, radius: float, colour: str) -> str:
    return _placed(x, y, radius, _stroke("M-1 0 H1 M0 -1 V1", colour, 0.4))


def _minus(x: float, y: float, radius: float, colour: str) -> str:
    return _placed(x, y, radius, _stroke("M-1 0 H1", colour, 0.4))


def _cross(x: float, y: float, radius: float, colour: str) -> str:
    return _placed(x, y, radius, _stroke("M-1 -1 L1 1 M-1 1 L1 -1", colour, 0.4))


def _pause(x: float, y: float, radius: float, colour: str) -> str:
    return _placed(x, y, radius, _stroke("M-.6 -1 V1 M.6 -1 V1", colour, 0.4))


_STATUSES: dict[RagStatus, Callable[[float, float, float, str], str]] = {
    RagStatus.ON_TRACK: _disc,
    RagStatus.AT_RISK: _triangle,
    RagStatus.OFF_TRACK: _diamond,
    RagStatus.COMPLETE: _check,
    RagStatus.NOT_STARTED: _ring,
    RagStatus.NOT_KNOWN: _question,
}
_SIGNS = {LineState.NEW: _plus, LineState.EXCUSED: _minus, LineState.PAUSED: _pause, LineState.DROPPED: _cross}
