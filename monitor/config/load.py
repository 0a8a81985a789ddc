"""Reads feeds.yaml and the pack that it extends, and gives back the domain's types or every mistake at once."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TypeAlias

from monitor.config.addresses import comparable_address
from monitor.config.fields import in_words
from monitor.config.lists import list_doubts
from monitor.config.merge import KINDS, Layer, merge, mistakes, needless
from monitor.config.models import ConfigFile, DefaultsSection, FeedSection
from monitor.config.packs import Pack, find_pack, in_order
from monitor.config.positions import Document, Location, parse_document, read_document
from monitor.config.problems import validated
from monitor.config.queries import doubts
from monitor.config.requests import headers_of, proxy_of, unbraced_variables, unset_variables
from monitor.config.wording import quoted
from monitor.core.model import DEFAULT_INTERVAL, FeedSpec, Press, WatchSpec
from monitor.errors import ConfigError, Finding

_INHERITED = ("interval", "min_interval", "max_interval", "hints", "timeout", "language", "country", "enabled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What feeds.yaml says. `digest` is the SHA-256 of every file that was read, in hexadecimal.

    `warnings` are no mistakes, but probably not what was meant. `pack` is the built-in watchlist that counts.
    """

    path: Path
    feeds: tuple[FeedSpec, ...]
    watch: WatchSpec
    digest: str
    warnings: tuple[Finding, ...] = ()
    pack: Pack | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """feeds.yaml by itself: its text, its content, and the mistakes that can be seen in it alone."""

    path: Path
    document: Document
    file: ConfigFile
    findings: list[Finding]
    environ: Mapping[str, str] = field(repr=False)

    def feeds(self) -> tuple[FeedSpec, ...]:
        """Return the feeds; only of a file without mistakes."""
        return tuple(_feed(section, self.file.defaults, self.environ) for section in self.file.feeds)

    def warnings(self, pack: Pack | None = None) -> tuple[Finding, ...]:
        """Return what is no mistake, but probably not what was meant: of a sound file, and of the pack that counts."""
        found = [self.document.at_value(("extends",), message) for message in pack.warnings] if pack else []
        found += _in_sections(self.document, self.environ, unbraced_variables)
        found += [*doubts(self.document, self.file.topics, self.feeds()), *list_doubts(self.document, self.file)]
        return tuple(in_order(found))

    def digest(self, pack: list[bytes]) -> str:
        """Return the SHA-256 of the file and of the pack's files, in hexadecimal."""
        return sha256(b"".join(sha256(raw).digest() for raw in (*pack, self.document.raw))).hexdigest()


def read_source(path: Path, *, environ: Mapping[str, str], raw: bytes | None = None) -> Source:
    """Read feeds.yaml without the pack; `raw` is its content where that was read already, or is to be written into it.

    Raises ConfigError when there is nothing that could be looked at.
    """
    document = read_document(path) if raw is None else parse_document(str(path), raw)
    file, findings = looked_at(document)
    findings += _in_sections(document, environ, unset_variables)
    return Source(path=path, document=document, file=file, findings=findings, environ=environ)


def looked_at(document: Document) -> tuple[ConfigFile, list[Finding]]:
    """Return the sound parts of feeds.yaml, and the mistakes that show in the document by itself."""
    file, findings = validated(document, ConfigFile)
    odd = _intervals_out_of_order(file, document)
    return file, [*findings, *document.findings, *_doubles(document.data, document), *odd]


def load_config(
    path: Path, *, environ: Mapping[str, str], packs: Traversable | None = None, kept: Path | None = None
) -> Config:
    """Read the file, and the pack that it extends from `packs` (else the built-in ones).

    `environ` fills the variables of request headers. `kept` is the folder of the versions that were in use before: one
    that the file pins is looked for there. Raises ConfigError with every mistake, in the order of the file.
    """
    return config_of(read_source(path, environ=environ), packs=packs, kept=kept)


def config_of(source: Source, *, packs: Traversable | None = None, kept: Path | None = None) -> Config:
    """Return what a file says that was read already; else as `load_config`."""
    pack = pack_of(source, packs=packs, kept=kept)
    watch = watch_of(source, pack)
    return Config(
        path=source.path,
        feeds=source.feeds(),
        watch=watch,
        digest=source.digest(pack.files() if pack else []),
        warnings=source.warnings(pack),
        pack=pack,
    )


def pack_of(source: Source, *, packs: Traversable | None = None, kept: Path | None = None) -> Pack | None:
    """Return the pack that counts for a file; None where it extends none, or none that there is: `watch_of` tells."""
    try:
        return find_pack(source.file.extends, packs=packs, kept=kept) if source.file.extends is not None else None
    except ValueError as error:
        source.findings.append(source.document.at_value(("extends",), str(error)))
        return None


def watch_of(source: Source, pack: Pack | None) -> WatchSpec:
    """Lay what the file watches over its pack. Raises ConfigError with every mistake, in the order of the file."""
    document, file, findings = source.document, source.file, list(source.findings)
    layers = [Layer(document=document, file=file)]
    if file.extends is not None and pack is None:
        raise ConfigError(in_order(findings))
    try:
        if pack is not None:
            layers = _over(pack, layers[0])
    except ConfigError as error:
        raise ConfigError(in_order([*findings, *error.findings])) from None
    merged = merge(layers)
    if _extends_soundly(document, file):
        findings += mistakes(layers, merged)
    if findings:
        raise ConfigError(in_order(findings))
    return merged.watch()


def _over(pack: Pack, own: Layer) -> list[Layer]:
    """Lay the file over its pack; one that stands in for a version that was lost need not have all that was removed."""
    below = pack.read()
    if pack.stands_in:
        lost = set(needless(own.file, below.file))
        kept: dict[str, object] = {
            key: {id_: it for id_, it in getattr(own.file, key).items() if (key, id_) not in lost} for key in KINDS
        }
        own = replace(own, file=own.file.model_copy(update=kept))
    return [below, own]


def _extends_soundly(document: Document, file: ConfigFile) -> bool:
    """Without the pack that a broken `extends` meant, half an actor would seem to lack the rest."""
    return file.extends is not None or not document.has(("extends",))


# ── mistakes between feeds ───────────────────────────────────────────────────────────────────────────────────────────


def _feeds(data: object) -> Iterator[tuple[int, Mapping[str, object]]]:
    feeds = data.get("feeds") if isinstance(data, dict) else None
    for index, feed in enumerate(feeds if isinstance(feeds, list) else ()):
        if isinstance(feed, dict):
            yield index, feed


def _doubles(data: object, document: Document) -> Iterator[Finding]:
    ids: dict[object, int] = {}
    urls: dict[str, int] = {}
    for index, feed in _feeds(data):
        if isinstance(id_ := feed.get("id"), str):
            first = ids.setdefault(id_, index)
            if first != index:
                taken = f"the id {quoted(id_)} is taken by the feed"
                yield _double(document, index, first, "id", taken, "give this one another")
        if url := _comparable(feed.get("url")):
            first = urls.setdefault(url, index)
            if first != index:
                taken = "the same address belongs to the feed"
                yield _double(document, index, first, "url", taken, "remove one of them")


def _double(document: Document, index: int, first: int, key: str, message: str, advice: str) -> Finding:
    line = document.line_of(("feeds", first, key))
    return document.at_value(("feeds", index, key), f"{message} in line {line}; {advice}")


def _comparable(url: object) -> str | None:
    try:
        return comparable_address(url) if isinstance(url, str) else None
    except ValueError:
        return None


def _intervals_out_of_order(file: ConfigFile, document: Document) -> Iterator[Finding]:
    """Yield feeds whose interval is not between its own bounds, be they the feed's or those of `defaults`."""
    places = {str(feed.get("id")): index for index, feed in _feeds(document.data)}
    for section in file.feeds:
        least, interval, most = (
            getattr(section, name) or getattr(file.defaults, name)
            for name in ("min_interval", "interval", "max_interval")
        )
        usual = interval or DEFAULT_INTERVAL
        place = ("feeds", places[section.id])
        if least and least > usual:
            yield _out_of_order(document, place, "min_interval", f"{in_words(least)}) is longer", usual)
        if most and most < usual:
            yield _out_of_order(document, place, "max_interval", f"{in_words(most)}) is shorter", usual)


def _out_of_order(document: Document, place: Location, name: str, words: str, interval: timedelta) -> Finding:
    key = next((key for key in (name, "interval") if document.has((*place, key))), "id")
    message = f"{quoted(name)} ({words} than interval ({in_words(interval)}); change one of them"
    return document.at_value((*place, key), message)


_Look: TypeAlias = Callable[[Document, Location, object, Mapping[str, str]], Iterator[Finding]]


def _in_sections(document: Document, environ: Mapping[str, str], look: _Look) -> Iterator[Finding]:
    """Look at `defaults` and at every feed."""
    data = document.data
    defaults = data.get("defaults") if isinstance(data, dict) else None
    sections: list[tuple[Location, object]] = [(("defaults",), defaults)]
    sections += [(("feeds", index), feed) for index, feed in _feeds(data)]
    for location, section in sections:
        yield from look(document, location, section, environ)


# ── into the domain's types ──────────────────────────────────────────────────────────────────────────────────────────


def _feed(section: FeedSection, defaults: DefaultsSection, environ: Mapping[str, str]) -> FeedSpec:
    given = {
        key: value for part in (defaults, section) for key in _INHERITED if (value := getattr(part, key)) is not None
    }
    press = section.press or defaults.press
    return FeedSpec(
        id=section.id,
        title=section.title or section.id,
        url=section.url,
        press=Press(press) if press else None,
        headers=headers_of(section, defaults, environ),
        proxy=proxy_of(section.proxy, environ),
        allow_private=section.allow_private,
        **given,
    )
