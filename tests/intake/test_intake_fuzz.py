"""Whatever is in a file, it is read or refused with FileProblems; nothing else ever comes out."""

from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.intake.answers import AnswersFile
from bot.intake.milestones_csv import read_milestones_csv
from bot.intake.portfolio import read_portfolio
from bot.intake.problems import FileProblems, decode
from bot.locales import Locale

MARKS = st.sampled_from("\n\t\0 :-[]{}'\"#|>%@~,.€é\u202e")
TRAPS = st.sampled_from(
    ("&a ", "*a", "!!int ", "<<: ", "1.200", "-1", "1e999", "NaN", "9" * 30, "0001-01-01", "9999-Q4", "null", "- ")
)
INSERTS = MARKS | TRAPS | st.text(max_size=5)
EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), INSERTS), min_size=1, max_size=6)
quiet = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def edited(text: str, edits: list[tuple[float, int, str]]) -> str:
    for where, cut, insert in edits:
        at = int(where * len(text))
        text = text[:at] + insert + text[at + cut :]
    return text


def assert_read_or_refused(read: Callable[[], object]) -> None:
    try:
        read()
    except FileProblems as refused:
        assert refused.lines
        assert str(refused).endswith("nothing was changed.")


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
