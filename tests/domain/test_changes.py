"""What a load would change, as `--dry-run` prints it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from bot.domain.changes import changes_of, project_changes, settings_changes
from bot.domain.project import Person
from tests.builders import ALICE, BOB, CHARLIE, COMPANY, a_milestone, a_project

STORED = a_project(a_milestone("a"), a_milestone("b"), a_milestone("gone", dropped_on=date(2025, 5, 1)))


def lines(*args: object, **options: bool) -> list[str]:
    return [str(change) for change in project_changes(*args, **options)]


def test_loading_what_is_stored_changes_nothing() -> None:
    assert lines(STORED, a_project(a_milestone("a"), a_milestone("b"))) == []
    assert settings_changes(COMPANY, COMPANY) == []


def test_a_new_project_is_added_with_its_milestones() -> None:
    assert lines(None, a_project(a_milestone("a"))) == ["portal: added: Customer Portal", "portal/a: added: A"]


def test_moved_renamed_handed_over_added_and_dropped_milestones_are_named() -> None:
    moved = a_milestone("a", name="New name", owner=CHARLIE, baseline=date(2025, 12, 1), weight=Decimal(2))
    assert set(lines(STORED, a_project(moved, a_milestone("c")))) == {
        "portal/a: name: A → New name",
        "portal/a: owner: Alice → Charlie",
        "portal/a: baseline: 2025-09-30 → 2025-12-01",
        "portal/a: weight: 1 → 2",
        "portal/b: dropped: B",
        "portal/c: added: C",
    }


def test_a_file_that_cannot_drop_drops_nothing() -> None:
    assert lines(STORED, a_project(a_milestone("a")), can_drop=False) == []


def test_a_dropped_milestone_that_is_listed_again_is_added() -> None:
    listed = a_project(a_milestone("a"), a_milestone("b"), a_milestone("gone"))
    assert lines(STORED, listed) == ["portal/gone: added: Gone"]


def test_one_that_comes_back_with_another_baseline_does_not_hide_it() -> None:
    listed = a_project(*STORED.milestones[:2], a_milestone("gone", baseline=date(2025, 12, 1)))
    assert lines(STORED, listed) == ["portal/gone: added: Gone", "portal/gone: baseline: 2025-09-30 → 2025-12-01"]


def test_the_same_person_under_another_of_their_names_is_no_change() -> None:
    by_id = replace(ALICE, ref="U0ALICE")
    assert lines(STORED, a_project(a_milestone("a", owner=by_id), a_milestone("b"))) == []


def test_a_project_s_own_settings_are_named_with_old_and_new() -> None:
    stored = a_project(a_milestone("a"))
    changed = replace(stored, budget_owner=CHARLIE, budget_at_completion=Decimal(10), manager=Person("new", "New"))
    assert lines(stored, changed) == [
        f"portal: manager: {BOB.name} → New",
        "portal: budget_owner: nothing → Charlie",
        "portal: budget_at_completion: nothing → 10",
    ]
    assert [str(c) for c in settings_changes(COMPANY, replace(COMPANY, country=None))] == [
        "company: country: US → nothing"
    ]


ALPHA, BETA = a_project(a_milestone("a"), a_milestone("search"), key="alpha"), a_project(a_milestone("b"), key="beta")


def test_a_milestone_that_another_project_lists_with_its_key_was_moved_and_what_changed_with_it_is_named() -> None:
    moved = a_milestone("search", baseline=date(2025, 12, 1))
    listed = (replace(ALPHA, milestones=ALPHA.milestones[:1]), replace(BETA, milestones=(*BETA.milestones, moved)))
    assert list(map(str, changes_of({"alpha": ALPHA, "beta": BETA}, listed))) == [
        "alpha/search: moved to beta",
        "beta/search: moved from alpha",
        "beta/search: baseline: 2025-09-30 → 2025-12-01",
    ]


def test_one_that_two_projects_list_anew_was_dropped_since_nobody_can_tell_where_it_went() -> None:
    search = a_milestone("search")
    listed = (
        replace(ALPHA, milestones=ALPHA.milestones[:1]),
        replace(BETA, milestones=(*BETA.milestones, search)),
        a_project(search, key="gamma", name="Gamma"),
    )
    assert list(map(str, changes_of({"alpha": ALPHA, "beta": BETA}, listed))) == [
        "alpha/search: dropped: Search",
        "beta/search: added: Search",
        "gamma: added: Gamma",
        "gamma/search: added: Search",
    ]
