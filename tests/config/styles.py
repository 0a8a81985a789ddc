"""Files of feeds.yaml in every style of YAML, for tests of edits."""

from dataclasses import dataclass

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

FEEDS = ("fa", "fb")
"""The ids of the feeds that stand in every file."""

_WORDS = ("дрон", "drone strike", "=EU", "price: high", "it's", '"so"', "no", "12", "#x")


@dataclass(frozen=True, slots=True, kw_only=True)
class Styled:
    """A file: `raw` as it is written, `topics` the ids in it, `shared` whether an alias stands in it.

    Marks tell what must stay: a topic has its own in its words (`markNAME`), each comment is one (`note7.`); one that
    is within a topic says so (`note7@NAME.`).
    """

    raw: bytes
    topics: tuple[str, ...]
    shared: bool


@st.composite
def styled(draw: DrawFn) -> Styled:
    """Draw a file with some topics, each in a style of its own, with comments, feeds, and perhaps an anchor."""
    names = tuple(f"t{number}" for number in range(draw(st.integers(0, 4))))
    writer = _Writer(draw)
    braces = draw(st.booleans()) and bool(names)
    step = draw(st.sampled_from([1, 2, 4]))
    items = [writer.topic(name, step, braces=braces) for name in names]
    parts = [writer.top(items, step, braces=braces), writer.feeds(), "defaults: {interval: 15m}\n"]
    parts = draw(st.permutations(parts))
    text = writer.line("") + "".join(parts) + writer.line("")
    if draw(st.booleans()):
        text = text.rstrip("\n")
    text = text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))
    mark = draw(st.sampled_from(["", "\ufeff"]))
    return Styled(raw=(mark + text).encode(), topics=names, shared="*shared" in text)


class _Writer:
    def __init__(self, draw: DrawFn) -> None:
        self.draw = draw
        self.comments = 0
        self.within = ""
        self.anchored = False

    def comment(self) -> str:
        """Return a comment to end a line with, or nothing."""
        if not self.draw(st.integers(0, 2)):
            self.comments += 1
            return f"   # note{self.comments}{self.within}."
        return ""

    def line(self, indent: str) -> str:
        """Return a line between others, or nothing."""
        kind = self.draw(st.integers(0, 4))
        if kind == 1:
            self.comments += 1
            return f"{indent}# note{self.comments}{self.within}.\n"
        return "\n" if kind == 2 else ""

    def words(self, name: str) -> str:
        if self.anchored and not self.draw(st.integers(0, 3)):
            return "*shared"
        anchor = ""
        if not self.anchored and not self.draw(st.integers(0, 5)):
            self.anchored, anchor = True, "&shared "
        word = self.draw(st.sampled_from(_WORDS)).replace("'", "''")
        return f"{anchor}{{en: [mark{name}, '{word}']}}"

    def topic(self, name: str, step: int, *, braces: bool) -> str:
        self.within = f"@{name}"
        text = self._topic(name, step, braces=braces)
        text += "" if braces or text.endswith("\n") else f"{self.comment()}\n"
        self.within = ""
        return text

    def _topic(self, name: str, step: int, *, braces: bool) -> str:
        words = self.words(name)
        label = self.draw(st.sampled_from(["", "label: {en: 'A label'}"]))
        query = self.draw(st.sampled_from(["", f"query: 'mark{name} OR x'", "query: >-", f"query: mark{name}q"]))
        if braces or self.draw(st.booleans()):
            query = query.replace(">-", f'"mark{name}"')
            pairs = [part for part in (label, f"terms: {words}", query) if part]
            return f"{name}: {{{', '.join(pairs)}}}"
        pad = " " * step
        query += f"\n{pad * 3}mark{name}\n{pad * 3}more" if query.endswith(">-") else self.comment() if query else ""
        lines = [part for part in (label and label + self.comment(), f"terms: {words}" + self.comment(), query) if part]
        lines = self.draw(st.permutations(lines))
        return f"{name}:{self.comment()}\n" + "".join(f"{self.line(pad * 2)}{pad * 2}{line}\n" for line in lines)

    def top(self, items: list[str], step: int, *, braces: bool) -> str:
        if not items:
            return self.draw(st.sampled_from(["", "topics: {}\n", "topics: {}   # none yet\n", "topics:\n  {}\n"]))
        if braces:
            joint = self.draw(st.sampled_from([", ", ",\n   "]))
            last = self.draw(st.sampled_from(["", ","]))
            return f"topics: {{{joint.join(items)}{last}}}{self.comment()}\n"
        pad = " " * step
        lines = [f"{self.line(pad)}{pad}{item}" for item in items]
        return f"topics:{self.comment()}\n" + "".join(lines)

    def feeds(self) -> str:
        head, pad = self.line(""), " " * self.draw(st.sampled_from([0, 2, 4]))
        if self.draw(st.integers(0, 3)) == 0:
            items = [f"{{id: {name}, url: 'https://{name}.example/'}}" for name in FEEDS]
            return f"{head}feeds: [{', '.join(items)}]{self.comment()}\n"
        return f"{head}feeds:{self.comment()}\n" + "".join(self.line(pad) + self.feed(name, pad) for name in FEEDS)

    def feed(self, name: str, pad: str) -> str:
        """Return an item of the list of feeds, in braces or a key a line."""
        self.within = f"@{name}"
        url = self.draw(st.sampled_from([f"https://{name}.example/", f'"https://{name}.example/"']))
        lines = [f"id: {name}", f"url: {url}"]
        lines += self.draw(st.sampled_from([[], ["enabled: true"], ["headers: {X-A: b}"]]))
        text = f"{pad}- {{{', '.join(lines)}}}{self.comment()}\n" if self.draw(st.booleans()) else ""
        if not text:
            lines = [line + self.comment() for line in self.draw(st.permutations(lines))]
            text = f"{pad}- " + f"\n{pad}  ".join(lines) + "\n"
        self.within = ""
        return text
