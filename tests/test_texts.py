"""Words from files: strict, sandboxed, and every value escaped once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jinja2 import Environment, TemplateNotFound, UndefinedError, nodes
from jinja2.exceptions import SecurityError

from bot.texts import SAFE, Texts, mrkdwn, plain, shipped

Render = Callable[..., str]


@pytest.fixture
def render(tmp_path: Path) -> Render:
    """Renders a template's source with values."""

    def from_source(source: str, escape: Callable[[str], str] = mrkdwn, **values: Any) -> str:
        (tmp_path / "text.j2").write_text(source, encoding="utf-8")
        return Texts([tmp_path], escape=escape).render("text.j2", **values)

    return from_source


@pytest.mark.parametrize(
    "source", ["{{ name }}", "{{ line.owner }}", "{% if name %}x{% endif %}", "{{ name ~ '!' }}", "{{ [name] | join }}"]
)
def test_a_missing_value_is_an_error_and_not_a_blank(render: Render, source: str) -> None:
    with pytest.raises(UndefinedError):
        render(source, line={"title": "x"})


class Secretive:
    """Something handed to a text."""

    token = "xoxb-visible"
    _hidden = "xoxb-hidden"

    def reset(self) -> None:
        raise AssertionError("called from a text")


@pytest.mark.parametrize(
    "source",
    [
        "{{ thing._hidden }}",
        "{{ thing.__class__ }}",
        "{{ thing.__class__.__mro__ }}",
        "{{ thing['__class__'] }}",
        "{{ thing | attr('__class__') }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ '{0.__class__}'.format(thing) }}",
        "{{ '{x._hidden}'.format_map({'x': thing}) }}",
        "{{ thing.reset.__globals__ }}",
        "{{ self.__init__.__globals__ }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ range(99999999) | list }}",
    ],
)
def test_a_template_cannot_reach_what_is_behind_a_value(render: Render, source: str) -> None:
    with pytest.raises((SecurityError, UndefinedError, OverflowError)):
        render(source, thing=Secretive())


@pytest.mark.parametrize(
    "value", ["{{ 7*7 }}", "{% for x in y %}", "{# gone #}", "{{ thing.token }}", "{% raw %}", "{{", "%}"]
)
@pytest.mark.parametrize("escape", [plain, mrkdwn])
def test_what_a_person_typed_runs_no_template(render: Render, value: str, escape: Callable[[str], str]) -> None:
    assert render("Note: {{ note }}", escape, note=value) == f"Note: {value}"


def test_each_flavour_escapes_its_own_way() -> None:
    typed = "<!channel> & <@U0ALICE> \"quoted\" 'so'"
    assert mrkdwn(typed) == "&lt;!channel&gt; &amp; &lt;@U0ALICE&gt; \"quoted\" 'so'"
    assert plain(typed) == typed


ANGLED = "a < b & 'c'"
ONCE = "a &lt; b &amp; 'c'"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ x }}", ONCE),
        ("{% macro m(y) %}{{ y }}{% endmacro %}{{ m(x) }}", ONCE),
        ("{% macro m(y) %}{{ y }}{% endmacro %}{% macro n(y) %}[{{ m(y) }}]{% endmacro %}{{ n(x) }}", f"[{ONCE}]"),
        ("{% set block %}{{ x }}{% endset %}{{ block }}", ONCE),
        ("{% macro m() %}{{ caller() }}{% endmacro %}{% call m() %}{{ x }}{% endcall %}", ONCE),
        ("{{ [x, x] | join(', ') }}", f"{ONCE}, {ONCE}"),
        ("{{ '<' ~ x }}", f"&lt;{ONCE}"),
        ("{{ x | upper }}", ONCE.upper().replace("&LT;", "&lt;").replace("&AMP;", "&amp;")),
        ("{% for y in [x] %}{{ y }}{% endfor %}", ONCE),
        ("<{{ 1 }}>", "<1>"),  # what stands in the file is the file's own markup
    ],
)
def test_a_value_is_escaped_once_wherever_it_passes(render: Render, source: str, expected: str) -> None:
    assert render(source, x=ANGLED) == expected


SHIPPED = sorted(path for kind in ("prompts", "templates") for path in shipped(kind).rglob("*.j2"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_shipped_text_glues_a_macro_s_result_to_other_words(path: Path) -> None:
    """Glued with ``~`` or ``+`` to what comes from a macro, a value would be escaped by Jinja's own rules, which turn
    quotes into entities that Slack and plain texts show as they are. Written side by side, it is escaped by ours."""
    tree = Environment(autoescape=True).parse(path.read_text(encoding="utf-8"))
    glued = [node for node in tree.find_all((nodes.Concat, nodes.Add)) if any(node.find_all(nodes.Call))]
    assert not glued


def test_markup_that_is_already_escaped_stays_as_it_is(render: Render) -> None:
    assert render("{{ x }}", x=SAFE("<@U0ALICE>")) == "<@U0ALICE>"


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r"), min_size=1))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_typed_text_leaves_a_control_character_of_slack_unescaped(render: Render, typed: str) -> None:
    shown = render("[{{ x }}]", x=typed)[1:-1]
    assert "<" not in shown
    assert ">" not in shown
    assert shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == typed


def test_a_company_s_own_folder_comes_before_the_shipped_one(tmp_path: Path) -> None:
    own, ours = tmp_path / "own", tmp_path / "ours"
    for folder, words in ((own, "theirs"), (ours, "shipped")):
        folder.mkdir()
        (folder / "head.j2").write_text(words)
    (ours / "foot.j2").write_text("{% include 'head.j2' %} and the rest")
    texts = Texts([own, ours])
    assert texts.render("head.j2") == "theirs"
    assert texts.render("foot.j2") == "theirs and the rest"
    assert texts.source("head.j2") == (own / "head.j2", "theirs")
    assert texts.exists("foot.j2")
    assert not texts.exists("other.j2")


@pytest.mark.parametrize("name", ["../secret.j2", "/etc/hostname", "sub/../../secret.j2"])
def test_a_template_outside_the_folders_is_not_found(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.j2").write_text("secret")
    (tmp_path / "words").mkdir()
    with pytest.raises(TemplateNotFound):
        Texts([tmp_path / "words"]).render(name)


@pytest.mark.parametrize("kind", ["prompts", "templates"])
def test_the_words_that_ship_are_there(kind: str) -> None:
    assert any(shipped(kind).rglob("*.j2"))
