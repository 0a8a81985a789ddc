"""What `check` says of templates, the operator's own among them."""

import pytest

from tests.e2e.place import Place


@pytest.mark.parametrize(
    ("name", "text", "state", "said"),
    [
        ("digest/subject.txt", "Mine: {{ edition.headline }}", "ok", " in 3 languages render"),
        ("locale/fr.po", 'msgid "Alert"\nmsgstr "Alerte"\n', "ok", " in 4 languages render"),
        ("digest/bdoy.html", "Hello", "note", "nothing asks for digest/bdoy.html"),
        ("alert/body.html", "\n{{ frame.nothing }}", "wrong", "own/alert/body.html:2: "),
        ("web/manage.html", "{% if %}", "wrong", "own/web/manage.html:1: "),
        (
            "locale/uk.po",
            'msgid "Alert"\nmsgstr "%(when)s"\n',
            "wrong",
            "own/locale/uk.po:1: the translation has %(when)s",
        ),
    ],
)
def test_own_templates_are_tried(place: Place, name: str, text: str, state: str, said: str) -> None:
    place.write({"one": "https://one.example/feed"})
    own = place.folder / "own"
    (own / name).parent.mkdir(parents=True)
    (own / name).write_text(text)
    done = place.cli("check", "--json", MONITOR_OWN_TEMPLATES=str(own))
    told = next(record for record in done.records if record["what"] == "templates")
    assert told["state"] == state
    assert said in told["detail"]
    assert (done.code == 2) == (state == "wrong")
