"""YAML is read as text with lines, and what could harm or mislead is refused."""

from pathlib import Path

import pytest

from bot.domain.errors import FileProblems
from bot.intake.problems import Problems, decode, read_text
from bot.intake.yaml_marks import Entries, Items, Scalar, compose


def composed(text: str) -> Entries:
    problems = Problems("file.yaml")
    root = compose(text, problems, "file.yaml")
    problems.raise_any()
    return root


def refusal(text: str) -> str:
    with pytest.raises(FileProblems) as refused:
        composed(text)
    return str(refused.value)


def test_scalars_stay_as_written() -> None:
    root = composed("country: NO\ntime: 17:00\nday: 2023-02-30\nnumber: 1_000\nnothing: ~\nword: 'null'\n")
    values = {name: node.text for name, (_, node) in root.nodes.items() if isinstance(node, Scalar)}
    assert values == {
        "country": "NO",
        "time": "17:00",
        "day": "2023-02-30",
        "number": "1_000",
        "nothing": "",
        "word": "null",
    }


def test_every_node_knows_its_line() -> None:
    root = composed("a: 1\nb:\n  - x\n  - y: 2\n")
    line, items = root.nodes["b"]
    assert isinstance(items, Items)
    assert (line, [node.line for node in items.nodes]) == (2, [3, 4])


def test_aliases_stand_for_what_they_name() -> None:
    root = composed("a: &one {x: 1}\nb: *one\n")
    assert root.nodes["a"][1] == root.nodes["b"][1]


def test_a_key_given_twice_is_a_problem() -> None:
    assert refusal("a: 1\nb: 2\na: 3\n").splitlines() == [
        'file.yaml:3: "a" is given twice; first on line 1',
        "1 problem, nothing was changed.",
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("# only a comment\n", "empty"),
        ("---\n...\n", "empty"),
        ("- a\n", "file.yaml:1: expected fields"),
        ("just words\n", "expected fields"),
        ("a: [1, 2\n", "not YAML"),
        ("a: @pm\n", 'quotes, such as "@handle"'),
        ("a:\n\t- b\n", "spaces, not with tabs"),
        ("a: b: c\n", 'put a text that holds ": " in quotes'),
        ("a: 1\n---\nb: 2\n", "file.yaml:3: a second document"),
        ("a: *nobody\n", '"*nobody" names nothing'),
        ("a: &x [*x]\n", '"*x" names nothing that was finished'),
        ("? [a, b]\n: 1\n", "cannot be the name of a field"),
        ('a: "\\0"\n', "control character"),
        ("a: 10 %\u202e done\n", "control character"),
        ("a: \x01\n", "not allowed"),
        ("a: " + "[" * 5_000, "levels deep"),
        ("a: " + "{a: " * 5_000, "levels deep"),
    ],
)
def test_what_cannot_be_read_is_said_clearly(text: str, says: str) -> None:
    assert says in refusal(text)


def test_aliases_of_aliases_cannot_blow_up() -> None:
    laughs = "a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]\n"
    laughs += "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9))
    assert "more than 200000 values" in refusal(laughs)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"a: caf\xe9\n", "f.yaml:1: not UTF-8 text"),
        (b"a: 1\nb: \xff\n", "f.yaml:2: not UTF-8 text"),
        (b"\xff\xfea\x00:", "not a text file"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not a text file"),
    ],
)
def test_files_that_are_not_utf_8_are_refused(data: bytes, says: str) -> None:
    with pytest.raises(FileProblems, match=says):
        decode(data, "f.yaml")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_byte_order_mark_tells_the_encoding_and_is_no_part_of_the_text(encoding: str) -> None:
    assert decode("a: Größe 三".encode(encoding), "f.yaml") == "a: Größe 三"


def test_missing_files_folders_and_huge_files_are_refused(tmp_path: Path) -> None:
    huge = tmp_path / "huge.yaml"
    with huge.open("wb") as file:
        file.truncate(10_000_001)
    for path, says in ((tmp_path / "none.yaml", "No such file"), (tmp_path, "directory"), (huge, "larger than 10 MB")):
        with pytest.raises(FileProblems, match=says):
            read_text(path)
