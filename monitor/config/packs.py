"""The built-in watchlists (packs): which version of one counts, and copies of those that were in use.

`extends: ukraine` follows the newest version, the one that comes with the program. `extends: ukraine@2` pins a version:
when a newer program brings another, the copy counts that was kept when the pinned one was in use. A copy is a folder
`NAME@VERSION` with the files of the pack, put there in one step.
"""

import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from monitor.config.fields import IDENTIFIER
from monitor.config.merge import Layer, merge, mistakes
from monitor.config.models import PackFile
from monitor.config.places import read_places
from monitor.config.positions import read_document
from monitor.config.problems import validated
from monitor.config.wording import did_you_mean, quoted
from monitor.errors import ConfigError, Finding

MARK = "@"
"""Parts a pack's name from the version that is pinned."""

_ENDINGS = (".yaml", ".places.txt")
_VERSION = re.compile(rb"^version:[ \t]*([1-9][0-9]{0,8})[ \t\r]*(?:#.*)?$", re.MULTILINE)
_PINNED = re.compile(rf"({IDENTIFIER}){MARK}([1-9][0-9]{{0,8}})")
_UPGRADE = "`run_monitor.py watch upgrade --diff` shows what it changes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """The pack that counts for a file: `version` lies in `folder`.

    `pinned` is the version that the file names, if it names one, and `newest` the one that comes with the program, if
    one does. `layer` is its content, where it was read already.
    """

    name: str
    folder: Traversable
    version: int
    newest: int | None
    pinned: int | None = None
    warnings: tuple[str, ...] = ()
    layer: Layer | None = None

    @property
    def behind(self) -> bool:
        """Whether a newer version comes with the program than the one that counts."""
        return self.newest is not None and self.newest > self.version

    @property
    def stands_in(self) -> bool:
        """Whether it counts in place of a pinned version that was lost."""
        return self.pinned not in (None, self.version)

    @property
    def waiting(self) -> str | None:
        """What to tell a person while a newer version waits; None where none does."""
        if not self.behind:
            return None
        newer, used = pin(self.name, self.newest or 0), pin(self.name, self.version)
        return f"a newer built-in watchlist waits: {newer} (in use: {used}); {_UPGRADE}"

    def files(self) -> list[bytes]:
        """Return the bytes of the files that it consists of."""
        return [file.read_bytes() for _, file in _files(self.name, self.folder)]

    def read(self) -> Layer:
        """Return its content. Raises ConfigError where it has mistakes."""
        return self.layer or load_pack(self.name, self.folder)

    def keep(self, kept: Path) -> "Pack":
        """Keep a copy of a pinned version that comes with the program; return the pack, with a warning on failure."""
        if self.pinned != self.version or self.version != self.newest:
            return self
        try:
            _keep(self, kept / pin(self.name, self.version))
        except OSError as error:
            why = (error.strerror or "unknown reason").lower()
            words = f"cannot be kept in {kept} ({why}): after an upgrade of the program its newest version would count"
            return replace(self, warnings=(*self.warnings, f"{quoted(pin(self.name, self.version))} {words}"))
        return self


def pin(name: str, version: int) -> str:
    """Return what `extends` says to pin a version: `ukraine@2`."""
    return f"{name}{MARK}{version}"


def find_pack(extends: str, *, packs: Traversable | None = None, kept: Path | None = None) -> Pack:
    """Find the pack that `extends` names. Raises ValueError, with what would be right, where there is none.

    Where the version that it pins is neither built in nor kept, the newest counts, with a warning.
    """
    folder = packs or built_in()
    name, version = _parted(extends, pack_names(folder))
    newest = version_of(name, folder)
    if newest is not None and version in (None, newest):
        return Pack(name=name, folder=folder, version=newest, newest=newest, pinned=version)
    assert version is not None
    found, why = _kept(name, version, kept)
    if found is not None:
        return replace(found, newest=newest)
    if newest is None:
        hint = did_you_mean(name, pack_names(folder)) or f": {why}"
        raise ValueError(f"there is no built-in watchlist {quoted(extends)}{hint}")
    words = f"{quoted(extends)} is not what counts, but version {newest}, which comes with this program: {why}"
    return Pack(name=name, folder=folder, version=newest, newest=newest, pinned=version, warnings=(words,))


def _parted(extends: str, known: tuple[str, ...]) -> tuple[str, int | None]:
    """Return the name and the version that is pinned, if one is."""
    if extends in known:
        return extends, None
    name, mark, _ = extends.partition(MARK)
    found = _PINNED.fullmatch(extends)
    if found:
        return found[1], int(found[2])
    if mark and name in known:
        raise ValueError(f'{quoted(extends)} names no version; write {quoted(name)}, or a whole number: "{name}@1"')
    raise ValueError(_no_such_pack(extends, known))


def _kept(name: str, version: int, kept: Path | None) -> tuple[Pack | None, str]:
    """Return the pack of a kept copy, or why there is none that can be read."""
    folder = kept / pin(name, version) if kept else None
    if folder is None or not folder.is_dir():
        return None, "that one was not kept" + (f" in {kept}" if kept else "")
    try:
        layer = load_pack(name, folder)
    except (ConfigError, OSError) as error:
        return None, f"the copy that was kept cannot be read: {str(error).splitlines()[0]}"
    if (found := version_of(name, folder)) != version:
        return None, f"the copy in {folder} says that it is version {found}"
    return Pack(name=name, folder=folder, version=version, newest=None, pinned=version, layer=layer), ""


def load_pack(name: str, packs: Traversable | None = None) -> Layer:
    """Read a built-in watchlist, with the places of NAME.places.txt beside it.

    Raises ConfigError when there is none of that name, or it has mistakes.
    """
    folder = packs or built_in()
    known = pack_names(folder)
    if name not in known:
        raise ConfigError([Finding(source=str(folder), message=_no_such_pack(name, known))])
    document = read_document(folder / f"{name}.yaml")
    file, findings = validated(document, PackFile)
    layer = Layer(document=document, file=file)
    findings += [*document.findings, *mistakes([layer], merge([layer]))]
    try:
        layer = replace(layer, places=read_places(folder / f"{name}.places.txt"))
    except ConfigError as error:
        findings += error.findings
    if findings:
        raise ConfigError(in_order(findings))
    return layer


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Sort by place; a mistake under an anchor is told once, however often it is repeated by aliases."""
    unique = dict.fromkeys(findings)
    sources = list(dict.fromkeys(finding.source for finding in unique))
    return sorted(unique, key=lambda found: (sources.index(found.source), found.line or 0, found.column or 0))


def pack_names(packs: Traversable | None = None) -> tuple[str, ...]:
    """Return the watchlists that `extends` may name."""
    files = (entry.name for entry in (packs or built_in()).iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in files if name.endswith(".yaml")))


def version_of(name: str, packs: Traversable | None = None) -> int | None:
    """Return the version of a pack, by its line `version: 2`; 1 where it has none. None where there is no such pack."""
    file = (packs or built_in()) / f"{name}.yaml"
    if not file.is_file():
        return None
    found = _VERSION.search(file.read_bytes())
    return int(found[1]) if found else 1


def built_in() -> Traversable:
    """Return the folder of the watchlists that come with the program."""
    return resources.files("monitor.packs")


def _no_such_pack(name: str, known: tuple[str, ...]) -> str:
    hint = did_you_mean(name, known) or f"; there is {', '.join(known) or 'none'}"
    return f"there is no built-in watchlist {quoted(name)}{hint}"


# ── copies ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _files(name: str, folder: Traversable) -> Iterator[tuple[str, Traversable]]:
    for ending in _ENDINGS:
        if (file := folder / f"{name}{ending}").is_file():
            yield f"{name}{ending}", file


def _keep(pack: Pack, target: Path) -> None:
    """Copy the pack's files, unless they lie there already."""
    files = {name: file.read_bytes() for name, file in _files(pack.name, pack.folder)}
    if target.is_dir() and {file.name: file.read_bytes() for file in target.iterdir()} == files:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    try:
        made.chmod(0o755)
        for name, raw in files.items():
            (made / name).write_bytes(raw)
        _put(made, target)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _put(made: Path, target: Path) -> None:
    """Put a folder where another may lie: one that is in place is moved aside first, for a folder cannot be replaced.

    Between the two steps there is none, which does no harm: the version that comes with the program is the same.
    """
    old = made.with_name(f"{made.name}.old")
    with suppress(FileNotFoundError):
        target.rename(old)
    try:
        made.rename(target)
    except OSError:
        if not target.is_dir():  # somebody else was quicker
            raise
    finally:
        shutil.rmtree(old, ignore_errors=True)
