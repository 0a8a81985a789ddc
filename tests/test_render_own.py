"""The operator's own templates and texts, and how mistakes in them are told."""

import re
from pathlib import Path

import pytest

from monitor.errors import ConfigError
from monitor.render import Renderer
from monitor.render.styles import read_sheet
from monitor.render.trial import trial
from tests.sample_digest import SUBSCRIPTION, sample
from tests.sample_letters import SENDER, TEMPLATES, Page, edition, reader, render


def written(folder: Path, **files: str) -> Path:
    """Write files, `digest__subject_txt` for digest/subject.txt."""
    for name, text in files.items():
        path = folder / re.sub(r"_(html|txt|css|po)$", r".\1", name.replace("__", "/"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_our_templates_render_in_every_language() -> None:
    tried = trial(Renderer(TEMPLATES, sender=SENDER))
    assert (tried.letters, tried.mistakes, tried.unused) == (26, (), ())


def test_own_files_go_before_ours_one_by_one(tmp_path: Path) -> None:
    own = written(tmp_path, digest__subject_txt="Mine {{ _('Alert') }}: {{ edition.headline }}")
    letter = render(Renderer(TEMPLATES, own), sample(), subscriber=reader("de"))
    assert letter.subject.startswith("Mine Eilmeldung: Kremlin calls")
    assert letter.text == render(Renderer(TEMPLATES), sample(), subscriber=reader("de")).text


def test_own_styles_are_inlined_and_own_files_may_ask_for_more(tmp_path: Path) -> None:
    own = written(
        tmp_path,
        layout__inline_css="/* ours */ .box { padding : 1px;\n color: red; } .new { top: 0 }",
        alert__logo_html='<p class="new sheet" style="left:0">Logo</p>',
        alert__body_html='{% extends "layout/page.html" %}{% block rows %}<tr><td class="box">'
        '{% include "alert/logo.html" %}</td></tr>{% endblock %}',
    )
    renderer = Renderer(TEMPLATES, own)
    page = Page(render(renderer, edition(instant=True)).html)
    assert {"class": "box", "style": "padding:1px;color:red"} in page.all("td")
    assert {"class": "sheet", "style": "top:0;left:0"} in page.all("p")
    assert trial(renderer).unused == ()


def test_own_texts_go_before_ours_and_bring_new_languages(tmp_path: Path) -> None:
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    german, french = (f'{head}msgid "Alert"\nmsgstr "{word}"\n' for word in ("Alarm", "Alerte"))
    own = written(tmp_path, locale__de_po=german, locale__fr_po=french)
    renderer = Renderer(TEMPLATES, own)
    assert renderer.languages == ("en", "de", "fr", "uk")
    assert render(renderer, edition(instant=True), subscriber=reader("de")).text.startswith("Alarm · 24. November")
    letter = render(renderer, edition(instant=True), subscriber=reader("fr"))
    assert letter.text.startswith("Alerte · 24 novembre")
    assert "8 new · 1 updated" in letter.text


@pytest.mark.parametrize(
    ("file", "text", "place"),
    [
        ("digest__subject_txt", "\n{{ frame.nmae }}", r"digest/subject\.txt:2: .*nmae"),
        ("digest__subject_txt", "{% if %}", r"digest/subject\.txt:1: "),
        ("digest__story_html", "<tr>\n\n{{ story.title + 1 }}", r"digest/story\.html:3: "),
        ("digest__body_html", "{{ 1 / 0 }}", r"digest/body\.html:1: .*zero"),
        ("digest__body_html", "\n{% include 'nowhere.html' %}", r"digest/body\.html:2: .*nowhere"),
        ("layout__page_html", "\n\n{{ words.__class__ }}", r"layout/page\.html:3: .*unsafe"),
        ("layout__page_html", '\n<p class="{{ 1 }}">', r"layout/page\.html:2: a class must be written out"),
        ("web__page_html", "\n{% block x %}", r"web/page\.html:2: "),
        ("digest__quiet_txt", "{{ _('%(n)s', m=1) }}", r"digest/quiet\.txt:1: .*'n'"),
    ],
)
def test_mistakes_are_told_with_file_and_line(tmp_path: Path, file: str, text: str, place: str) -> None:
    tried = trial(Renderer(TEMPLATES, written(tmp_path, **{file: text})))
    assert len(tried.mistakes) == 1, tried.mistakes
    assert re.search(place, str(tried.mistakes[0]))
    assert str(tmp_path) in str(tried.mistakes[0])


def test_a_wrong_template_stops_the_letter(tmp_path: Path) -> None:
    renderer = Renderer(TEMPLATES, written(tmp_path, digest__subject_txt="{{ x }}"))
    with pytest.raises(ConfigError, match=r"digest/subject\.txt:1: 'x' is undefined"):
        renderer.digest(sample(), SUBSCRIPTION, {}, pages=False)


def test_own_files_that_nothing_asks_for_are_named(tmp_path: Path) -> None:
    renderer = Renderer(TEMPLATES, written(tmp_path, digest__bdoy_html="x", locale__de_po='msgid ""\nmsgstr ""\n'))
    assert trial(renderer).unused == ("digest/bdoy.html",)


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("locale__de_po", 'msgid "a %(b)s"\nmsgstr "%(c)s"\n', r"de\.po:1: the translation has %\(c\)s"),
        ("locale__xyz_po", 'msgid "a"\nmsgstr "b"\n', r"xyz\.po: 'xyz' is no language code"),
        ("locale__de_po", 'msgid "a"\nnonsense\n', r"de\.po:\d+: "),
    ],
)
def test_mistakes_in_texts_are_told(tmp_path: Path, file: str, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Renderer(TEMPLATES, written(tmp_path, **{file: text}))


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="mine: there is no such folder"):
        Renderer(TEMPLATES, tmp_path / "mine")
    with pytest.raises(ConfigError, match="theirs: there is no such folder"):
        Renderer(tmp_path / "theirs")


def test_sheet_writes_rules_as_short_as_can_be() -> None:
    sheet = read_sheet(".a { color : red ;  margin: 0 1px; }\n.b {}", "@media x { .a { color: blue } }")
    assert sheet.attributes("a", "") == 'class="a" style="color:red;margin:0 1px"'
    assert sheet.attributes("b", "") == ""
    assert sheet.attributes("b a c", "top:0") == 'class="a" style="color:red;margin:0 1px;top:0"'
