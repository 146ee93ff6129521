"""Co-owners and deputies in portfolio files and tables of milestones."""

from __future__ import annotations

from datetime import date

import pytest

from bot.domain.errors import FileProblems
from bot.intake.milestones_csv import HEADER, read_milestones_csv
from bot.intake.portfolio import read_portfolio
from bot.locales import Locale

FILE = """
company: Example Networks
timezone: Europe/Berlin
people:
  - {email: ann@example.com, name: Ann, deputy: "@bob", deputy_from: 2025-07-01, deputy_until: 2025-07-31}
  - {handle: "@bob", name: Bob}
projects:
  - key: portal
    name: Portal
    manager: ann@example.com
    milestones:
      - {key: front, name: Front, owner: ann@example.com, co_owners: ["@bob", carl@example.com]}
      - {key: back, name: Back, owner: "@bob", co_owners: carl@example.com}
"""


def problems_of(text: str) -> str:
    with pytest.raises(FileProblems) as refused:
        read_portfolio(text, "plan.yaml")
    return str(refused.value)


def test_co_owners_are_people_of_the_file_in_their_order() -> None:
    front, back = read_portfolio(FILE, "plan.yaml").projects[0].milestones
    assert [owner.name for owner in front.owners] == ["Ann", "Bob", "carl@example.com"]
    assert [owner.ref for owner in back.co_owners] == ["carl@example.com"]


def test_a_deputy_may_be_described_after_who_names_them() -> None:
    ann, bob, *_ = read_portfolio(FILE, "plan.yaml").people
    assert ann.deputy is not None
    assert (ann.deputy.ref, ann.deputy.from_on, ann.deputy.until_on) == ("@bob", date(2025, 7, 1), date(2025, 7, 31))
    assert bob.deputy is None


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            '["@bob", carl@example.com]',
            '["@bob", "@BOB"]',
            "12: projects[0].milestones[0].co_owners: @bob is named twice",
        ),
        ('["@bob", carl@example.com]', "[Ann@example.com]", "12: projects[0].milestones[0].co_owners: ann@example.com"),
        ('["@bob", carl@example.com]', "[two words]", "12: projects[0].milestones[0].co_owners[0]"),
        ("co_owners: carl", "coowners: carl", 'unknown field; did you mean "co_owners"?'),
        ('deputy: "@bob"', "deputy: ann@example.com", "5: people[0].deputy: leads back in a circle (Ann → Ann)"),
        (
            "name: Bob}",
            "name: Bob, deputy: ann@example.com}",
            "6: people[1].deputy: leads back in a circle (Bob → Ann → Bob)",
        ),
        ("deputy_until: 2025-07-31", "deputy_until: 2025-06-30", "5: people[0].deputy_until: before deputy_from"),
        ('deputy: "@bob", ', "", "5: people[0].deputy: missing"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_field(old: str, new: str, told: str) -> None:
    assert told in problems_of(FILE.replace(old, new))


def test_deputies_on_different_days_make_no_circle() -> None:
    on_other_days = "name: Bob, deputy: ann@example.com, deputy_from: 2025-08-01}"
    assert read_portfolio(FILE.replace("name: Bob}", on_other_days), "plan.yaml").people[1].deputy is not None


ROW = "portal,Portal,@ann,front,Front,@ann,,"


def test_a_table_may_have_a_column_of_co_owners_or_none() -> None:
    plain = read_milestones_csv(f"{','.join(HEADER)}\n{ROW}\n", "plan.csv", locale=Locale("en_US"))
    assert plain.projects[0].milestones[0].co_owners == ()
    wider = f"{','.join(HEADER)},co_owners\n{ROW},@bob; carl@example.com\n"
    (milestone,) = read_milestones_csv(wider, "plan.csv", locale=Locale("en_US")).projects[0].milestones
    assert [owner.ref for owner in milestone.co_owners] == ["@bob", "carl@example.com"]


def test_a_table_tells_of_an_owner_named_twice() -> None:
    wider = f"{','.join(HEADER)},co_owners\n{ROW},@Ann\n"
    with pytest.raises(FileProblems, match="@ann is named twice as owner"):
        read_milestones_csv(wider, "plan.csv", locale=Locale("en_US"))
