"""Whatever is in a file, it is read or refused with FileProblems, soon; nothing else ever comes out."""

import copy
import csv
import io
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.errors import FileProblems
from bot.intake.answers import AnswersFile
from bot.intake.milestones_csv import HEADER, read_milestones_csv
from bot.intake.portfolio import read_portfolio
from bot.intake.problems import decode
from bot.locales import Locale

MARKS = st.sampled_from("\n\t\0 :-[]{}'\"#|>%@~,.€é\u202e")
TRAPS = st.sampled_from(
    ("&a ", "*a", "!!int ", "<<: ", "1.200", "-1", "1e999", "NaN", "9" * 30, "0001-01-01", "9999-Q4", "null", "- ")
)
INSERTS = MARKS | TRAPS | st.text(max_size=5)
EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), INSERTS), min_size=1, max_size=6)
quiet = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


PATIENCE = 10.0  # seconds of processor time for the largest file: many times what is needed

# Values of every shape, for the places where another one is expected.
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.dates() | TRAPS
SHAPES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def edited(text: str, edits: list[tuple[float, int, str]]) -> str:
    for where, cut, insert in edits:
        at = int(where * len(text))
        text = text[:at] + insert + text[at + cut :]
    return text


def assert_read_or_refused(read: Callable[[], object]) -> None:
    began = time.process_time()
    try:
        read()
    except FileProblems as refused:
        assert refused.lines
        assert str(refused).endswith("nothing was changed.")
    assert time.process_time() - began < PATIENCE


def places(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value in a tree of lists and mappings."""
    yield path
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in inner:
        yield from places(value, (*path, key))


def reshaped(data: st.DataObject, text: str) -> str:
    """A file in which values are of another shape than they should be, gone, or under another name."""
    tree = yaml.safe_load(text)
    for _ in range(data.draw(st.integers(1, 3))):
        *path, last = data.draw(st.sampled_from([place for place in places(tree) if place]))
        holder = tree
        for key in path:
            holder = holder[key]
        change = data.draw(st.sampled_from(["replace", "wrap", "drop", "add", "repeat"]))
        if change == "replace":
            holder[last] = data.draw(SHAPES)
        elif change == "wrap":
            holder[last] = data.draw(st.sampled_from([[holder[last]], {"key": holder[last]}]))
        elif change == "drop":
            del holder[last]
        elif isinstance(holder, dict):
            holder[data.draw(st.text(max_size=8))] = data.draw(SHAPES)
        else:
            holder.append(copy.deepcopy(holder[last]) if change == "repeat" else data.draw(SHAPES))
    return yaml.safe_dump(tree, allow_unicode=True, sort_keys=False)


@quiet
@given(edits=EDITS)
def test_damaged_portfolios(edits: list[tuple[float, int, str]], portfolio_text: str) -> None:
    assert_read_or_refused(lambda: read_portfolio(edited(portfolio_text, edits), "portfolio.yaml"))


@quiet
@given(edits=EDITS)
def test_damaged_answers(
    edits: list[tuple[float, int, str]], answers_text: str, answers_of: Callable[..., AnswersFile]
) -> None:
    assert_read_or_refused(lambda: answers_of(edited(answers_text, edits)))


@quiet
@given(data=st.binary(max_size=300))
def test_random_bytes(data: bytes, answers_of: Callable[..., AnswersFile]) -> None:
    assert_read_or_refused(lambda: read_portfolio(decode(data, "f"), "f"))
    assert_read_or_refused(lambda: answers_of(decode(data, "f")))
    assert_read_or_refused(lambda: read_milestones_csv(decode(data, "f"), "f", locale=Locale("en_US")))


@quiet
@given(text=st.text(alphabet=st.characters(exclude_categories=[]), max_size=200))
def test_random_text(text: str, answers_of: Callable[..., AnswersFile]) -> None:
    assert_read_or_refused(lambda: read_portfolio(text, "f"))
    assert_read_or_refused(lambda: read_milestones_csv(text, "f", locale=Locale("en_US")))
    assert_read_or_refused(lambda: answers_of(f"quarter: 2023-Q4\nprojects: {{portal: {{status: {text}}}}}\n"))


@quiet
@given(data=st.data())
def test_portfolios_with_another_shape_in_any_place(data: st.DataObject, portfolio_text: str) -> None:
    text = reshaped(data, portfolio_text)
    assert_read_or_refused(lambda: read_portfolio(text, "f"))


@quiet
@given(data=st.data())
def test_answers_with_another_shape_in_any_place(
    data: st.DataObject, answers_text: str, answers_of: Callable[..., AnswersFile]
) -> None:
    text = reshaped(data, answers_text)
    assert_read_or_refused(lambda: answers_of(text))


@quiet
@given(
    rows=st.lists(
        st.lists(st.text(max_size=12) | TRAPS | st.sampled_from(["portal", "a@example.com"]), max_size=10), max_size=6
    )
)
def test_tables_of_anything(rows: list[list[str]]) -> None:
    written = io.StringIO()
    csv.writer(written).writerows([HEADER, *rows])
    assert_read_or_refused(lambda: read_milestones_csv(written.getvalue(), "f", locale=Locale("en_US")))


@quiet
@given(
    edits=EDITS,
    encoding=st.sampled_from(["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "utf-7", "cp1252", "cp037", "big5"]),
)
def test_other_encodings(edits: list[tuple[float, int, str]], encoding: str, portfolio_text: str) -> None:
    data = edited(portfolio_text, edits).encode(encoding, errors="replace")
    assert_read_or_refused(lambda: read_portfolio(decode(data, "f"), "f"))


DEEP = 200_000
LAUGHS = "a0: &a0 [lol, lol]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 40))


@pytest.mark.parametrize(
    "text",
    [
        "[" * DEEP,
        "{a: " * DEEP,
        "- " * DEEP,
        "? " * DEEP,
        "projects: " + "[" * DEEP + "]" * DEEP,
        "\n".join(" " * depth + "a:" for depth in range(1000)),
        LAUGHS,
        LAUGHS + "projects: *a39\n",
        "a: &a [*a]\n",
        "a: &a {b: *a}\n",
        "projects: {" + "a: 1, " * DEEP + "}",
        "company: " + "x" * 9_000_000,
        "company: '" + "''" * 1_000_000,
        "#" * 9_000_000,
        "\n" * 9_000_000,
        "&a " * DEEP,
        "!" * DEEP,
        "%YAML 9.9\n---\ncompany: A\n",
        "company: A\n---\ncompany: B\n",
        "company: !!python/object/apply:os.system ['true']\n",
        ",".join(HEADER)
        + "\n"
        + "".join(f"portal,Portal,a@example.com,m{n},M,b@example.com,,\n" for n in range(40_000)),
    ],
    ids=lambda text: f"{text[:12]!r} and so on, {len(text):,} characters",
)
def test_files_that_are_made_to_take_for_ever_are_refused_soon(
    text: str, answers_of: Callable[..., AnswersFile]
) -> None:
    assert_read_or_refused(lambda: read_portfolio(text, "f"))
    assert_read_or_refused(lambda: answers_of(text))
    assert_read_or_refused(lambda: read_milestones_csv(text, "f", locale=Locale("en_US")))


@quiet
@given(keys=st.lists(st.sampled_from(["company", "projects", "people", "locale"]), min_size=2, max_size=5))
def test_a_field_that_is_given_twice_is_pointed_out_with_both_lines(keys: list[str]) -> None:
    text = "".join(f"{key}: []\n" for key in keys)
    with pytest.raises(FileProblems) as refused:
        read_portfolio(text, "f")
    for number, key in enumerate(keys):
        if (first := keys.index(key)) < number:
            assert f'f:{number + 1}: "{key}" is given twice; first on line {first + 1}' in refused.value.lines
