"""Interface texts: gettext catalogues, read as .po when the program starts. The only module that knows Babel."""

import gettext
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from monitor.errors import ConfigError, Finding

SOURCE = "en"
"""The language that texts are written in; it has no catalogue."""

FOLDER = "locale"

_CLDR = {SOURCE: "en_GB"}
"""Dates of English as they are written in Europe: 24 November."""

_PLACEHOLDER = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """One language: the texts of its catalogue, and what CLDR knows of names and dates in it."""

    lang: str
    locale: Locale
    texts: gettext.NullTranslations

    def dated(self, day: date, *, year: bool) -> str:
        """Write a date with the month's name, and with the year if wished."""
        pattern = self.locale.date_formats["long"] if year else self.locale.datetime_skeletons["MMMMd"]
        return str(pattern.apply(day, self.locale))

    def weekday(self, number: int) -> str:
        """Name a day of the week in short; 0 is Monday."""
        return str(self.locale.days["format"]["abbreviated"][number])

    def country(self, code: str) -> str:
        """Name a country by its ISO 3166 code; an unknown code stands for itself."""
        return str(self.locale.territories.get(code.upper(), code))

    def language(self, code: str) -> str:
        """Name a language by its ISO 639 code; an unknown code stands for itself."""
        return str(self.locale.languages.get(code, code))


def load_catalogues(folders: Sequence[Path]) -> Mapping[str, Speech]:
    """Read `locale/<language>.po` of each folder; what a later one translates goes before. English is always there.

    Raises ConfigError with every mistake.
    """
    findings: list[Finding] = []
    read = [
        (path.stem, path, _read(path, findings))
        for folder in folders
        for path in sorted((folder / FOLDER).glob("*.po"))
    ]
    speeches = {SOURCE: Speech(lang=SOURCE, locale=_locale(SOURCE), texts=gettext.NullTranslations())}
    for lang in sorted({lang for lang, _, _ in read} - {SOURCE}):
        try:
            texts = _texts(lang, [catalogue for its, _, catalogue in read if its == lang])
            speeches[lang] = Speech(lang=lang, locale=_locale(lang), texts=texts)
        except (UnknownLocaleError, ValueError):
            source = next(str(path) for its, path, _ in read if its == lang)
            findings.append(Finding(source=source, message=f"{lang!r} is no language code (ISO 639-1)"))
    if findings:
        raise ConfigError(findings)
    return speeches


def _locale(lang: str) -> Locale:
    return Locale.parse(_CLDR.get(lang, lang))


def _read(path: Path, findings: list[Finding]) -> Catalog:
    try:
        with path.open("rb") as file:
            catalogue = read_po(file, abort_invalid=True)
    except PoFileError as error:
        findings.append(Finding(source=str(path), line=error.lineno, message=str(error)))
        return Catalog()
    except (OSError, ValueError) as error:
        findings.append(Finding(source=str(path), message=f"the catalogue cannot be read: {error}"))
        return Catalog()
    for message in catalogue:
        if unknown := _unknown(message):
            text = f"the translation has %({unknown[0]})s, which the text does not"
            findings.append(Finding(source=str(path), line=message.lineno, message=text))
    return catalogue


def _unknown(message: Message) -> list[str]:
    """Give the placeholders of a translation that nothing would fill."""
    asked = {name for text in _forms(message.id) for name in _PLACEHOLDER.findall(text)}
    given = {name for text in _forms(message.string) for name in _PLACEHOLDER.findall(text)}
    return sorted(given - asked)


def _forms(text: object) -> Sequence[str]:
    return [str(form) for form in text] if isinstance(text, list | tuple) else [str(text)]


def _texts(lang: str, catalogues: Sequence[Catalog]) -> gettext.NullTranslations:
    """Merge catalogues, the later ones before, without what is not translated."""
    merged = Catalog(locale=_CLDR.get(lang, lang))
    for catalogue in catalogues:
        for message in catalogue:
            if message.id and all(_forms(message.string)) and not message.fuzzy:
                merged.delete(message.id)
                merged[message.id] = message
    compiled = BytesIO()
    write_mo(compiled, merged)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
