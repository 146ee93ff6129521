"""A company's own questions: asked in every dialog, loaded from a file, printed where they belong by every surface."""

from __future__ import annotations

import json

import pytest
from world import OPENING, World, opened

from bot.sandbox.reach import RefusedError
from bot.texts import shipped

OWN = {
    "milestone": "{key: customers-reached, label: How many customers, kind: number}",
    "risk": "{key: insured, label: Is it insured, kind: choice, choices: {covered: Yes, open: No}, section: decisions}",
    "resources": "{key: contract-ends, label: Until when the contract runs, kind: date}",
    "summary": "{key: lessons-learned, label: What we learned, kind: long text, required: true, section: conclusion}",
}
LOADED = """
quarter: 2025-Q3
projects:
  billing:
    more: {retired-question: Nobody asks this any more.}
    milestones:
      invoice-portal: {percent_complete: 50, status: On track, more: {customers-reached: "77"}}
"""
LAYOUTS = ("brief", "executive", "memo", "detailed")


@pytest.fixture
def world(new_world, tmp_path) -> World:
    """The company on opening day, with questions of its own and without the one for the forecast."""
    text = (shipped("prompts") / "questions.yaml").read_text(encoding="utf-8")
    for dialog, line in OWN.items():
        text = text.replace(f"\n{dialog}:", f"\n{dialog}:\n  - {line}", 1)
    text = text.replace("  - {key: forecast, label: Forecast date, kind: date}\n", "")
    (tmp_path / "questions.yaml").write_text(
        text.replace("label: Percent complete", "label: How far"), encoding="utf-8"
    )
    world = new_world(prompts_dir=tmp_path)
    world.environment["PROMPTS_DIR"] = str(tmp_path)
    world.arrive(OPENING)
    return world


def compiled(world: World, form: str, layout: str = "executive") -> str:
    """The published report as the command line prints it in a format and layout."""
    arguments = ("--project", "billing", "--quarter", "2025-Q3", "--format", form, "--layout", layout)
    ran = world.cli("compile", *arguments)
    assert ran.status == 0, ran.err
    return ran.out


def test_own_answers_go_from_every_dialog_into_every_surface(world: World) -> None:
    world.load(LOADED, command="answers")
    maya, ines = world.person("maya"), world.person("ines")
    dialog = world.open("maya", "Update", near="Rating Engine")
    assert dialog.labels[:2] == ["How many customers", "How far"], "the company's order and words"
    assert "Forecast date" not in dialog.labels
    kept = {"Promised last quarter: Parallel run for one month": "Kept"}
    assert maya.submit(dialog, {"How many customers": "1,200", "How far": "80", **kept}) is None
    maya.click(world.card("maya"), "Risks")
    maya.click(opened(maya), "Add a risk", near=_last_row(opened(maya)))
    maya.submit(opened(maya), {"Title": "Fire", "Challenge": "It burns.", "Is it insured": "Yes"})
    maya.close(opened(maya), whole_stack=True)
    budget = {"Until when the contract runs": "2026-12-31", "Budget note": "As planned."}
    assert ines.submit(world.open("ines", "Budget"), budget) is None
    petra, review = world.person("petra"), world.review()
    petra.click(review, "Preview")
    with pytest.raises(RefusedError):  # Slack asks for what the company requires
        petra.submit(opened(petra), {})
    petra.close(opened(petra), whole_stack=True)
    world.publish("billing", **{"What we learned": "Ask the security team earlier."})

    answers = {
        "Customers reached": "1200",
        "Insured": "covered",
        "Contract ends": "2026-12-31",
        "Lessons learned": "Ask the security team earlier.",
        "Retired question": "Nobody asks this any more.",
    }
    thread = "\n".join(reply.words for reply in world.thread())
    for surface in (thread, *(compiled(world, "md", layout) for layout in LAYOUTS)):
        missing = [(what, said) for what, said in answers.items() if what not in surface or said not in surface]
        assert missing == []
    assert "77" in thread
    told = json.loads(compiled(world, "json"))
    assert told["more"] == {"retired-question": "Nobody asks this any more."}
    placed = {(answer["section"], answer["about"], answer["answer"]) for answer in told["placed_answers"]}
    assert placed == {("decisions", "Fire", "covered"), ("conclusion", None, "Ask the security team earlier.")}
    by_key = {line["key"]: line["more"] for line in told["milestones"]}
    assert by_key["rating-engine"] == {"customers-reached": "1200"}
    assert by_key["invoice-portal"] == {"customers-reached": "77"}
    assert told["resources"]["more"] == {"contract-ends": "2026-12-31"}
    rows = compiled(world, "csv")
    assert "customers-reached: 1200" in rows
    assert [said for said in answers.values() if rows.count(said) != 1] == []
    decisions = next(reply.words for reply in world.thread() if reply.words.startswith("*Decisions*"))
    assert "_Insured (Fire):_ covered" in decisions


def _last_row(view) -> str:
    return str([block["block_id"] for block in view.blocks if block["type"] == "actions"][-1])
