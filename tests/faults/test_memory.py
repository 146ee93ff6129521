"""An hour's worth of traffic: what the bot holds in memory stays what it was."""

from __future__ import annotations

import pytest

from tests.faults.conftest import NewFleet
from tests.faults.workplace import OPENING
from tests.scale import scaled
from tests.servers import KINDS

# In a busy hour an interaction comes each second. A look takes four: a dialog is opened, two of its fields are filled in and
# kept as a draft, it is closed. 40 owners who look 23 times make 3,680. Nothing is sent: what is stored stays as much as
# it was, since whoever reads more needs more.
OWNERS, ROUNDS = scaled((4, 6), (40, 23))
WARM = ROUNDS // 3  # rounds until everything that is loaded once is loaded
FLAT = 1.03

pytestmark = pytest.mark.timeout(scaled(300, 3600))


@pytest.fixture(scope="session", params=scaled(KINDS[:1], KINDS))
def database_kind(request: pytest.FixtureRequest) -> str:
    """By day, the one that is there at once."""
    kind: str = request.param
    return kind


def test_memory_is_flat_over_an_hour_s_worth_of_traffic(
    new_fleet: NewFleet, database_kind: str, record_property
) -> None:
    fleet = new_fleet(OWNERS, 1)
    fleet.start(1, OPENING)
    said = dict.fromkeys(fleet.place.owners, 10)
    fleet.place.answer(said)
    held = []
    for number in range(ROUNDS):
        fleet.place.look(dict.fromkeys(fleet.place.owners, 20 + number))
        held.append(fleet.megabytes())
    for moment, at in (("first", WARM - 1), ("in the middle", ROUNDS // 2), ("last", -1)):
        record_property(f"MB of memory {moment} ({database_kind})", held[at])
    assert fleet.place.recorded() == said
    assert held[-1] <= held[WARM] * FLAT, held
