"""Letters that many readers share: written once, with gaps for what is one reader's own."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace

from monitor.core.model import Letter

_GAP = re.compile("\x01([a-z]+)\x01")
"""A control character, which no foreign text in a letter can hold (`render.text.cleaned`)."""

_ALWAYS = ("address", "unsubscribe", "mailbox")
_PAGES = ("manage", "page")


@dataclass(frozen=True, slots=True, kw_only=True)
class Personal:
    """What is one reader's own: the address, and where to go. `unsubscribe` is a mailto or https URI; `manage` and
    `page`, the digest as a web page, are https addresses, None where there are no pages."""

    address: str
    unsubscribe: str
    manage: str | None = None
    page: str | None = None

    @property
    def fillings(self) -> Mapping[str, str]:
        """Return what goes into each gap."""
        return {
            "address": self.address,
            "unsubscribe": self.unsubscribe,
            "mailbox": self.unsubscribe.removeprefix("mailto:").partition("?")[0],
            "manage": self.manage or "",
            "page": self.page or "",
        }


def gaps(*, pages: bool) -> SimpleNamespace:
    """Return what a template writes in the place of personal values; those of web pages are "" where there are none."""
    names = dict.fromkeys(_ALWAYS, True) | dict.fromkeys(_PAGES, pages)
    return SimpleNamespace(**{name: f"\x01{name}\x01" if there else "" for name, there in names.items()})


@dataclass(frozen=True, slots=True)
class Form:
    """A text and its gaps: pieces and names in turn."""

    pieces: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> "Form":
        """Take a text apart at its gaps."""
        return cls(tuple(_GAP.split(text)))

    def filled(self, values: Mapping[str, str]) -> str:
        """Put values into the gaps."""
        pieces = list(self.pieces)
        pieces[1::2] = [values[name] for name in pieces[1::2]]
        return "".join(pieces)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """A letter without what is one reader's own."""

    subject: str
    text: Form
    html: Form | None
    lang: str
    bulk: bool

    def personal(self, own: Personal) -> Letter:
        """Fill the gaps for one reader."""
        values = own.fillings
        escaped = {name: html.escape(value) for name, value in values.items()}
        return Letter(
            subject=self.subject,
            text=self.text.filled(values),
            html=self.html.filled(escaped) if self.html else None,
            lang=self.lang,
            bulk=self.bulk,
        )
