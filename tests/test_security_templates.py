"""A company's own templates reach nothing but what they are given; names of files lead nowhere but into their folders."""

from __future__ import annotations

from pathlib import Path

import jinja2
import pytest
from jinja2.exceptions import SecurityError

from bot.documents.layouts import layout_file
from bot.domain.errors import NotFound
from bot.domain.project import Person
from bot.intake.values import key
from bot.texts import Texts, shipped

ESCAPES = (
    "{{ ''.__class__ }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ person.__class__ }}",
    "{{ person.__init__.__globals__ }}",
    "{{ person['__class__'] }}",
    "{{ person | attr('__class__') }}",
    "{{ [person] | map(attribute='__class__') | join }}",
    "{{ self.__init__.__globals__ }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ lipsum.__globals__['os'].environ }}",
    "{{ joiner.__init__.__globals__ }}",
    "{{ '{0.__class__}'.format(person) }}",
    "{{ '%s' | format(person.__class__) }}",
    "{{ '{a.__class__}'.format_map({'a': person}) }}",
    "{{ range(10 ** 9) | list }}",
    "{{ (joiner | attr('__init__')).__globals__ }}",
    "{{ person.name.__class__ }}",
    "{{ config }}",
    "{{ namespace().__class__ }}",
    "{% set x = person.__setattr__('name', 'x') %}",
)
ELSEWHERE = (
    "/etc/passwd",
    "../secret.j2",
    "a/../../secret.j2",
    "..\\secret.j2",
    "%2e%2e/secret.j2",
    "secret.j2\x00.j2",
)
PERSON = Person("U0MAYA", "Maya")


@pytest.mark.parametrize("template", ESCAPES)
def test_a_template_reaches_no_attribute_that_is_not_data(template: str, tmp_path: Path) -> None:
    (tmp_path / "own.j2").write_text(template)
    with pytest.raises((SecurityError, jinja2.UndefinedError, OverflowError)):
        Texts([tmp_path]).render("own.j2", person=PERSON)


@pytest.mark.parametrize("name", ELSEWHERE)
@pytest.mark.parametrize("statement", ["include", "extends", "import"])
def test_a_template_includes_nothing_from_outside_of_its_folders(name: str, statement: str, tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    (folder / "a").mkdir(parents=True)
    (tmp_path / "secret.j2").write_text("secret")
    alias = " as x" if statement == "import" else ""
    (folder / "own.j2").write_text(f"{{% {statement} target{alias} %}}")
    with pytest.raises((jinja2.TemplateNotFound, ValueError)):
        Texts([folder]).render("own.j2", target=name)


@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_text_s_name_leads_nowhere_else(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    (tmp_path / "secret.j2").write_text("secret")
    with pytest.raises((jinja2.TemplateNotFound, ValueError)):
        Texts([folder]).render(name)


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "layouts/memo", "memo.md.j2", "", ".", "..", "memo\x00"])
def test_a_layout_is_one_of_those_that_are_there(name: str, tmp_path: Path) -> None:
    (tmp_path / "secret.md.j2").write_text("secret")
    folder = tmp_path / "templates"
    folder.mkdir()
    with pytest.raises(NotFound):
        layout_file(name, [folder, shipped("templates")])


@pytest.mark.parametrize(
    "text", ["../up", "a/b", "a\\b", "..", ".", "", "a b", "a\nb", "a\x00b", "a" * 65, "a:b", "%2e%2e"]
)
def test_a_key_is_fit_for_the_name_of_a_file(text: str) -> None:
    """Documents are named after the project's key."""
    with pytest.raises(ValueError, match="key"):
        key(text)
