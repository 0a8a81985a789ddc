"""The places beside a pack: how the file is read, and what the shipped one holds."""

from collections import Counter
from pathlib import Path

import pytest

from monitor.config import load_config, load_pack
from monitor.config.places import Places, read_places
from monitor.core.model import ScopeSpec
from monitor.errors import ConfigError

PACK = "version: 1\nscope: {strong: {en: [Ukraine]}}\n"
SHIPPED = Path(__file__).parents[2] / "monitor" / "packs" / "ukraine.places.txt"
LANGUAGES = {"en", "uk", "ru", "de", "fr", "pl"}

# Also a word, a surname, a river or a place elsewhere: never a sign by themselves.
ORDINARY = """
    суми сумы sumy рівне ровно równe лиман lyman liman щастя счастье золоте золотое мирний мирный мирне новое нове нова
    перемога победа зоря дружба изюм балта буди добре вільне зелене широке високе красное южное центральний комар короп
    пологи городок долина dolina бар bar brody chop smile malin stanisław mena reni sarny terni liman львов lwów крым
    kursk курск belgorod белгород воронеж voronezh севастополь керчь ялта yalta чечня константинополь фрунзе мария
    вербовка фонтанка черемушки spartak karpaty druschba szabo
    прогрес авангард шевченко романов николаев днепр izmail ladan mariya donets первомайськ приморский железное
"""


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "small.places.txt"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def told(folder: Path, text: str | bytes) -> list[str]:
    path = write(folder, text)
    with pytest.raises(ConfigError) as caught:
        read_places(path)
    assert {found.source for found in caught.value.findings} == {str(path)}
    return [f"{found.line}:{found.column} {found.message}" for found in caught.value.findings]


def test_names_by_language_and_doubt(tmp_path: Path) -> None:
    places = read_places(
        write(
            tmp_path,
            "# a comment, with: marks | in it\n\n"
            "uk: Часів Яр | ru: Часов Яр | en: Chasiv Yar, Chasov Yar\r\n"
            "  uk:Суми|en: ~Sumy, ~ Soumy\n",
        )
    )
    assert places.strong == {"uk": ("Часів Яр", "Суми"), "ru": ("Часов Яр",), "en": ("Chasiv Yar", "Chasov Yar")}
    assert places.doubtful == {"en": ("Sumy", "Soumy")}


def test_no_file_is_no_places(tmp_path: Path) -> None:
    assert read_places(tmp_path / "small.places.txt") == Places()


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("Суми\n", '1:1 "Суми" must be names by language, such as "uk: Часів Яр | en: Chasiv Yar, Chasov Yar"'),
        ("\nuk: Суми |\n", '2:11 this must be names by language, such as "uk: Часів Яр | en: Chasiv Yar, Chasov Yar"'),
        ("ua: Суми", '1:1 "ua" must be a two-letter language code, such as en or uk; did you mean "uk"?'),
        ("en: Sumy | uk : Суми", '1:12 "uk " must be a two-letter language code, such as en or uk'),
        ("uk: Суми | uk: Київ", '1:12 the language "uk" stands twice in this line; put its names together'),
        ("uk: Суми, , Київ", "1:11 a name is missing here; write one, or remove the comma"),
        ("uk: Суми | en:", "1:15 a name is missing here; write one, or remove the comma"),
        ("uk: ~", "1:5 a name is missing here; write one, or remove the comma"),
        ("uk: —", '1:5 "—" can never match: it has no letter and no digit; write a word, or remove it'),
        ("uk: Су\tми", '1:5 "Су\\tми" holds a line break or a control character; write it on one line'),
        ("uk: Суми en: Sumy", '1:5 "Суми en: Sumy" holds a ":"; names are parted by ",", languages by "|"'),
        ("uk: Су~ми", '1:5 "Су~ми" holds a "~"; names are parted by ",", languages by "|"'),
        ("uk: Київ\nuk: Суми, ~КИЇВ", '2:11 "КИЇВ" stands twice, first in line 1; remove one'),
        ("uk: Київ, Київ", '1:11 "Київ" stands twice, first in line 1; remove one'),
        (b"uk: \xd0\x90\nuk: \xff", "2:5 this is not UTF-8; save the file in that encoding"),
    ],
)
def test_mistake(tmp_path: Path, text: str | bytes, finding: str) -> None:
    assert told(tmp_path, text) == [finding]


def test_name_of_201_letters(tmp_path: Path) -> None:
    (finding,) = told(tmp_path, "uk: " + "а" * 201)
    assert finding.endswith("is longer than 200 characters")


def test_every_mistake_is_told(tmp_path: Path) -> None:
    assert [found.split()[0] for found in told(tmp_path, "x\nuk: а, ,б | xx: c\n\nuk: ~а\n")] == [
        "1:1",
        "2:8",
        "2:13",
        "4:5",
    ]


def test_places_come_with_the_pack(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(PACK, "utf-8")
    (tmp_path / "small.places.txt").write_text("en: Bakhmut, ~Sumy\n", "utf-8")
    feeds = tmp_path / "feeds.yaml"
    feeds.write_text("extends: small\nscope: {weak: {war: {en: [drone]}}}\n", "utf-8")
    config = load_config(feeds, environ={}, packs=tmp_path)
    assert config.watch.scope == ScopeSpec(
        strong={"en": ("Ukraine",)},
        weak={"war": {"en": ("drone",)}},
        places={"en": ("Bakhmut",)},
        doubtful_places={"en": ("Sumy",)},
    )


def test_digest_tells_an_edit_of_the_places(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(PACK, "utf-8")
    feeds = tmp_path / "feeds.yaml"
    feeds.write_text("extends: small\n", "utf-8")
    digests = {load_config(feeds, environ={}, packs=tmp_path).digest}
    for text in ("en: Bakhmut\n", "# edited\nen: Bakhmut\n"):
        write(tmp_path, text)
        digests.add(load_config(feeds, environ={}, packs=tmp_path).digest)
    assert len(digests) == 3


def test_mistakes_of_pack_and_places_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text("version: 0\n", "utf-8")
    write(tmp_path, "Bakhmut\n")
    with pytest.raises(ConfigError) as caught:
        load_pack("small", tmp_path)
    assert [Path(found.source).name for found in caught.value.findings] == ["small.yaml", "small.places.txt"]


# ── the shipped file ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def shipped() -> Places:
    return load_pack("ukraine").places


def lines() -> list[str]:
    return [line for line in SHIPPED.read_text("utf-8").splitlines() if line and not line.startswith("#")]


def test_there_are_places_in_every_language(shipped: Places) -> None:
    assert len(lines()) > 1500
    assert set(shipped.strong) == set(shipped.doubtful) == LANGUAGES
    assert min(map(len, shipped.strong.values())) > 1000


def test_nearly_every_place_has_ukrainian_russian_and_english() -> None:
    """Only spellings too common to be any sign are left out."""
    languages = [{part.split(":")[0].strip() for part in line.split("|")} for line in lines()]
    assert min(map(len, languages)) >= 2
    whole = sum({"uk", "ru", "en"} <= spoken for spoken in languages)
    assert whole / len(languages) > 0.9


def test_a_name_is_either_strong_or_doubtful(shipped: Places) -> None:
    strong, doubtful = (
        {name.casefold() for names in terms.values() for name in names} for terms in (shipped.strong, shipped.doubtful)
    )
    assert strong & doubtful == set()


@pytest.mark.parametrize("word", sorted(set(ORDINARY.split())))
def test_no_ordinary_word_is_a_sign_by_itself(shipped: Places, word: str) -> None:
    assert [lang for lang, names in shipped.strong.items() if word in {name.casefold() for name in names}] == []


@pytest.mark.parametrize(
    ("language", "name"),
    [
        ("uk", "Часів Яр"),
        ("uk", "Сумщина"),
        ("uk", "Роботине"),
        ("ru", "Харьков"),
        ("ru", "Константиновка"),
        ("ru", "Работино"),
        ("en", "Chasiv Yar"),
        ("en", "Chasov Yar"),
        ("de", "Tschassiw Jar"),
        ("de", "Charkiw"),
        ("fr", "Tchassiv Iar"),
        ("pl", "Czasiw Jar"),
    ],
)
def test_places_of_the_front_are_signs(shipped: Places, language: str, name: str) -> None:
    assert name in shipped.strong[language]


def test_no_russian_name_is_a_ukrainian_one_in_russian_letters(shipped: Places) -> None:
    names = Counter(name[-5:] for terms in (shipped.strong, shipped.doubtful) for name in terms["ru"])
    assert [ending for ending in names if ending.endswith(("ивка", "ськ")) or set(ending) & set("іїєґ")] == []


def test_the_source_is_credited() -> None:
    head = SHIPPED.read_text("utf-8").split("\n\n")[0]
    assert "GeoNames" in head
    assert "https://www.geonames.org" in head
    assert "CC BY 4.0" in head
