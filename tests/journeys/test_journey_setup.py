"""A plan is set up in Slack: from Home and by files, by those who may, with every mistake told and every change on record."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select
from world import OPENING, PATIENCE, PORTFOLIO, World, opened, slack_id

from bot.sandbox.seen import SeenMessage, SeenView
from bot.store.tables import ChangeRow

PLAN = PORTFOLIO.read_text()
PIPELINE = "{key: build-farm, name: Build Farm, owner: jonas@example.com, baseline: 2025-12-01}"


def home(world: World, name: str) -> SeenView:
    """Somebody's Home, freshly opened."""
    person = world.person(name)
    before = len(world.calls("views.publish"))
    person.open_home()
    person.wait_for(lambda: len(world.calls("views.publish")) > before, PATIENCE)
    shown = person.home()
    assert shown is not None
    return shown


def milestones(world: World, name: str, project: str) -> SeenView:
    """The list of a project's milestones, opened from Home."""
    view = home(world, name)
    world.person(name).click(view, "Milestones", near=row_of(view, project))
    return opened(world.person(name))


def row_of(view: SeenView, project: str) -> str:
    """The block with the buttons of a project: the one below its name."""
    blocks = list(view.blocks)
    named = [i for i, block in enumerate(blocks) if block["type"] == "section" and project in str(block["text"])]
    return str(blocks[named[-1] + 1]["block_id"])


def trail(world: World, project: str) -> list[tuple[str, str, str | None, str | None, str | None]]:
    """What was changed of a project in Slack: milestone, what, from, to, and who did it."""
    with world.database.reading() as session:
        rows = session.scalars(select(ChangeRow).where(ChangeRow.project_key == project, ChangeRow.by.is_not(None)))
        return [(row.milestone_key, row.what, row.old, row.new, row.by) for row in rows.all()]


def dropped(world: World, name: str, filename: str, content: str | bytes) -> SeenMessage:
    """The bot's answer to a file."""
    person, seen = world.person(name), {message.ts for message in world.person(name).messages()}
    person.upload(filename, content.encode() if isinstance(content, str) else content)

    def answer() -> SeenMessage | None:
        fresh = [m for m in person.messages() if m.ts not in seen and m.user == "U0BOT"]
        return fresh[-1] if fresh else None

    return person.wait_for(answer, PATIENCE)


def after_click(world: World, name: str, message: SeenMessage, button: str) -> str:
    """What a message says once a click on it has had its effect."""
    person = world.person(name)
    person.click(message, button)
    world.settle()
    return next(m.words for m in person.messages() if m.ts == message.ts)


def test_a_manager_adds_changes_and_drops_a_milestone_from_home(world: World) -> None:
    rita = world.person("rita")
    view = milestones(world, "rita", "Tooling")
    assert "Build Farm* · Jonas Weber · baseline December 1, 2025" in view.words
    rita.click(view, "Add a milestone")
    rita.submit(opened(rita), {"Name": "Test Lab", "Owner": slack_id("omar"), "Baseline date": "2026-02-27"})
    assert "Test Lab is part of the plan." in opened(rita).words

    rita.select(opened(rita), "plan_item", "Edit", near="Test Lab")
    assert opened(rita).value("Owner") == slack_id("omar")
    rita.submit(opened(rita), {"Baseline date": "2026-03-31"})
    assert "Test Lab* · Omar Haddad · baseline March 31, 2026" in opened(rita).words

    rita.select(opened(rita), "plan_item", "Drop", near="Test Lab")
    assert "Omar Haddad is no longer asked for it" in opened(rita).words
    assert len(trail(world, "tooling")) == 2, "asked first"
    rita.submit(opened(rita))
    assert "Test Lab is dropped." in opened(rita).words
    assert "Omar Haddad" not in opened(rita).words
    assert trail(world, "tooling") == [
        ("test-lab", "added", None, "Test Lab", slack_id("rita")),
        ("test-lab", "baseline", "2026-02-27", "2026-03-31", slack_id("rita")),
        ("test-lab", "dropped", "Test Lab", None, slack_id("rita")),
    ]


def test_a_mistake_in_a_dialog_is_told_beside_its_field_as_in_a_file(world: World) -> None:
    rita = world.person("rita")
    rita.click(milestones(world, "rita", "Tooling"), "Add a milestone")
    typed = {"Name": "Another Farm", "Owner": slack_id("omar"), "Weight": "0", "Key": "build farm"}
    view = rita.submit(opened(rita), typed)
    assert view is not None
    said = {name_of(view, block): sentence for block, sentence in view.errors.items()}
    assert said["Weight"] == '"0" is too low; expected more than 0'
    assert said["Key"].startswith('"build farm" is not a key; expected letters')
    view = rita.submit(view, {"Weight": "2", "Key": "Build-Farm"})
    assert view is not None
    assert list(view.errors.values()) == ['"build-farm" is the key of Build Farm already; choose another.']
    assert trail(world, "tooling") == []


def name_of(view: SeenView, block_id: str) -> str:
    """The label of a field."""
    return next(str(block["label"]["text"]) for block in view.blocks if block["block_id"] == block_id)


def test_an_admin_makes_a_project_and_its_manager_finds_what_it_still_lacks(world: World) -> None:
    ada, omar = world.person("ada"), world.person("omar")
    ada.click(home(world, "ada"), "New project")
    answers = {
        "Name": "Data Centre Move",
        "Project manager": slack_id("omar"),
        "Channel": "C0SECRET",
        "Budget at completion": "1.200",
    }
    view = ada.submit(opened(ada), answers)
    assert view is not None
    assert list(view.errors.values()) == ["Is that 1,200 or 1.20? Write 1200 or 1.20."]
    assert ada.submit(view, {"Budget at completion": "1.2M", "Currency": "USD"}) is None
    world.settle()
    assert "*Data Centre Move*" in (ada.home() or view).words, "Home shows it without being opened again"
    words = home(world, "omar").words
    assert "To do: invite me to <#C0SECRET>" in words
    assert "To do: add the milestones" in words
    assert "Done: everybody has a Slack account" in words
    world.person("lena").command("/invite @Quarterdeck", "C0SECRET")
    omar.wait_for(lambda: world.calls("conversations.info"), PATIENCE)
    omar.click(milestones(world, "omar", "Data Centre Move"), "Add a milestone")
    omar.submit(opened(omar), {"Name": "Racks", "Owner": slack_id("maya")})
    world.settle()
    words = (omar.home() or view).words
    assert "Ready for its first report:" in words
    assert "I am in <#C0SECRET>" in words
    assert trail(world, "data-centre-move")[0] == ("", "added", None, "Data Centre Move", slack_id("ada"))


def test_the_checklist_goes_with_the_first_report(world: World) -> None:
    assert home(world, "petra").words.count("Ready for its first report:") == 2
    world.publish("network")
    words = home(world, "petra").words
    assert words.count("Ready for its first report:") == 1
    assert "Latest report: Q3 2025" in words


def test_others_find_nothing_to_set_up_and_a_late_click_says_who_can(world: World) -> None:
    assert "Edit project" not in home(world, "jonas").words
    rita = world.person("rita")
    view = milestones(world, "rita", "Tooling")
    world.load(PLAN.replace("manager: rita@example.com", "manager: petra@example.com"))
    rita.click(view, "Add a milestone")
    assert "Only Petra Manager, who manages Tooling, and admins can change its plan." in opened(rita).words


def test_an_admin_drops_a_file_with_two_mistakes_then_a_right_one(world: World) -> None:
    wrong = PLAN.replace("baseline: 2025-10-31", "baseline: 2025-10-32").replace(
        "name: Core Network", "nam: Core Network"
    )
    answer = dropped(world, "ada", "portfolio.yaml", wrong)
    assert "*portfolio.yaml* was not loaded" in answer.words
    assert "projects[0].milestones[3].baseline" in answer.words
    assert 'projects[1].nam: unknown field; did you mean "name"?' in answer.words
    assert "2 problems, nothing was changed." in answer.words
    right = PLAN.replace("2025-10-31", "2025-11-14").replace(
        f"      - {PIPELINE}\n", "      - {key: test-lab, name: Test Lab, owner: omar@example.com}\n"
    )
    answer = dropped(world, "ada", "portfolio.yaml", right)
    assert "*portfolio.yaml* would change 3 things" in answer.words
    assert "billing/payment-gateway: baseline: 2025-10-31 → 2025-11-14" in answer.words
    assert "1 milestone is not in the file any more and would be *dropped*" in answer.words
    assert trail(world, "billing") == [], "only shown"
    assert "is loaded: 3 changes" in after_click(world, "ada", answer, "Load these changes")
    assert trail(world, "billing") == [("payment-gateway", "baseline", "2025-10-31", "2025-11-14", slack_id("ada"))]
    assert [change[:2] for change in trail(world, "tooling")] == [("test-lab", "added"), ("build-farm", "dropped")]


def test_a_change_meanwhile_is_shown_before_anything_is_loaded(world: World) -> None:
    answer = dropped(world, "ada", "portfolio.yml", PLAN.replace("2025-10-31", "2025-11-14"))
    world.load(PLAN.replace("2025-10-31", "2025-11-07"))
    words = after_click(world, "ada", answer, "Load these changes")
    assert "The plan was changed meanwhile" in words
    assert "2025-11-07 → 2025-11-14" in words
    assert trail(world, "billing") == []
    again = next(m for m in world.person("ada").messages() if m.ts == answer.ts)
    assert "is loaded: 1 change." in after_click(world, "ada", again, "Load these changes")
    assert [change[2:4] for change in trail(world, "billing")] == [("2025-11-07", "2025-11-14")]


def test_a_manager_drops_a_table_of_his_own_milestones_only(world: World) -> None:
    head = "project_key,project_name,manager,milestone_key,milestone_name,owner,baseline,weight\n"
    own = "tooling,Tooling,rita@example.com,test-lab,Test Lab,omar@example.com,2026-02-27,\n"
    other = "billing,Billing Renewal,rita@example.com,tax,Tax Engine,omar@example.com,,\n"
    answer = dropped(world, "rita", "plan.csv", head + own + other)
    assert "Only Petra Manager, who manages Billing Renewal, and admins can change its plan." in answer.words
    answer = dropped(world, "rita", "plan.csv", head + own)
    assert "left alone; nothing was changed" in after_click(world, "rita", answer, "Cancel")
    answer = dropped(world, "rita", "plan.csv", head + own)
    assert "is loaded: 1 change." in after_click(world, "rita", answer, "Load these changes")
    assert trail(world, "tooling") == [("test-lab", "added", None, "Test Lab", slack_id("rita"))]
    answer = dropped(world, "rita", "portfolio.yaml", PLAN)
    assert "Only admins can load a portfolio file: Ada Admin." in answer.words


@pytest.mark.parametrize(
    ("filename", "content", "said"),
    [
        ("holiday.png", b"\x89PNG", "is neither, and I left it alone"),
        ("portfolio.yaml", b"#" * 1_000_001, "is larger than 1 MB"),
        ("portfolio.yaml", b"\xff\x00c", "is not a text in UTF-8"),
        ("portfolio.yaml", PLAN.encode(), "says what the plan says already"),
    ],
)
def test_every_file_gets_an_answer(world: World, filename: str, content: bytes, said: str) -> None:
    assert said in dropped(world, "ada", filename, content).words


@pytest.fixture
def empty_world(database_url: str, tmp_path: Path, stopping: ThreadPoolExecutor) -> Iterator[World]:
    """The bot in its workspace before anything was loaded. Slack has refused nothing when the journey ends."""
    world = World(database_url, tmp_path).start()
    yield world
    assert world.refused() == []
    stopping.submit(world.stop)


def test_the_first_portfolio_is_loaded_by_an_admin_it_names_and_by_nobody_else(empty_world: World) -> None:
    world = empty_world
    assert f"admins: [{slack_id('omar')}]" in home(world, "omar").words
    answer = dropped(world, "omar", "milestones.csv", "project_key\n")
    assert "was not loaded" in answer.words
    answer = dropped(world, "omar", "portfolio.yaml", PLAN)
    assert "loaded by one of the admins that it names" in answer.words
    assert slack_id("omar") in answer.words
    answer = dropped(world, "ada", "portfolio.yaml", PLAN)
    assert "company: added: Example Networks Inc." in answer.words
    assert "is loaded" in after_click(world, "ada", answer, "Load these changes")
    assert trail(world, "company")[0][1:] == ("added", None, "Example Networks Inc.", slack_id("ada"))
    assert "New project" in home(world, "ada").words
    own = PLAN.replace('admins: ["@ada"]', f"admins: [{slack_id('omar')}]")
    assert "Only admins can load a portfolio file: Ada Admin." in dropped(world, "omar", "portfolio.yaml", own).words
    world.arrive(OPENING)
    assert "Rating Engine" in world.card("maya").words, "the quarter opens for those who were just loaded"


def test_of_two_first_portfolios_the_second_is_for_an_admin_of_the_first(empty_world: World) -> None:
    theirs = PLAN.replace('admins: ["@ada"]', f"admins: [{slack_id('omar')}]")
    mine = dropped(empty_world, "ada", "portfolio.yaml", PLAN)
    other = dropped(empty_world, "omar", "portfolio.yaml", theirs)
    after_click(empty_world, "ada", mine, "Load these changes")
    said = after_click(empty_world, "omar", other, "Load these changes")
    assert "Only admins can load a portfolio file: Ada Admin." in said
    assert trail(empty_world, "company")[-1][4] == slack_id("ada")
