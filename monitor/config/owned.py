"""What of the watchlist is the person's own: by the file itself, and by the pack under it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from monitor.config.load import Source
from monitor.config.merge import Kind, Layer
from monitor.config.models import ActorSection, TopicSection
from monitor.config.packs import Pack


class Standing(StrEnum):
    """What a rule is to the person: their own, the pack's, the pack's with changes of theirs, or taken out."""

    OWN = "own"
    BUILT_IN = "built-in"
    CHANGED = "changed"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """A file and its pack, to be asked about rules."""

    source: Source
    pack: Pack | None
    layer: Layer | None

    def standing(self, kind: Kind, name: str) -> Standing | None:
        """Return what a rule is to the person; None where there is none of that name."""
        own = self.own(kind)
        if name in own:
            changed = Standing.CHANGED if name in self.built_in(kind) else Standing.OWN
            return Standing.OFF if own[name] is None else changed
        return Standing.BUILT_IN if name in self.built_in(kind) else None

    def own(self, kind: Kind) -> Mapping[str, ActorSection | TopicSection | None]:
        """Return the sections of the file."""
        return getattr(self.source.file, kind)  # type: ignore[no-any-return]

    def built_in(self, kind: Kind) -> Mapping[str, ActorSection | TopicSection | None]:
        """Return the sections of the pack."""
        return getattr(self.layer.file, kind) if self.layer else {}

    def names(self, kind: Kind) -> set[str]:
        """Return every id of that kind."""
        return {*self.own(kind), *self.built_in(kind)}


def owned(source: Source, pack: Pack | None) -> Owned:
    """Look at a sound file and the pack that counts for it. Raises ConfigError where the pack has mistakes."""
    return Owned(source=source, pack=pack, layer=pack.read() if pack else None)
