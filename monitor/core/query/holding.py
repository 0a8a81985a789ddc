"""Which parts of a query hold in an entry, and which do not: the reason for its answer, and what was nearest."""

from collections.abc import Iterator
from typing import NamedTuple

from monitor.core.query.build import Numbers, built
from monitor.core.query.format import format as written
from monitor.core.query.scene import Frame, Scene
from monitor.core.query.tree import And, Fact, Near, Node, Not, Or, Rule, Sentence, Term, Title, children
from monitor.core.spans import Span


class Held(NamedTuple):
    """A part of a query, as it is written, whether it holds, and the places that show it.

    `parts` are those within it. Within `S( )` they are asked of the text at large: each may stand somewhere, and yet
    in no sentence together. `word` is the number under which a word is looked for.
    """

    node: Node
    text: str
    holds: bool
    spans: tuple[Span, ...]
    parts: "tuple[Held, ...]"
    word: int | None = None

    def walk(self, depth: int = 0) -> "Iterator[tuple[int, Held]]":
        """Yield it and all that is in it, with how deep that lies."""
        yield depth, self
        for part in self.parts:
            yield from part.walk(depth + 1)


def held(node: Node, scene: Scene, numbers: Numbers) -> Held:
    """Ask a query and all its parts of an entry; its words and rules must have numbers."""
    return _held(node, scene.whole, numbers)


def _held(node: Node, frame: Frame, numbers: Numbers) -> Held:
    part = built(node, numbers)
    under = part.holds(frame)
    inner = frame.title if isinstance(node, Title) else frame
    return Held(
        node=node,
        text=written(node),
        holds=bool(under),
        spans=tuple(sorted(set(part.shown(frame, under)))) if under else (),
        parts=tuple(_held(child, inner, numbers) for child in _told(node)),
        word=numbers.atoms[node] if isinstance(node, Term) else None,
    )


def _told(node: Node) -> tuple[Node, ...]:
    """Return the parts within a part. Of what a sentence must lack, the text at large tells nothing."""
    if not isinstance(node, Sentence):
        return children(node)
    parts = node.part.parts if isinstance(node.part, And) else (node.part,)
    return tuple(part for part in parts if not isinstance(part, Not))


def lacking(found: Held) -> str:
    """Say what is missing for a part that does not hold, or what stands against it."""
    match found.node:
        case Term():
            return f"{found.text} does not stand there"
        case Rule():
            return f"{found.text} is not found"
        case Fact():
            return f"{found.text} does not hold"
        case Or():
            return f"none of {', '.join(part.text for part in found.parts)}"
    return _lacking_within(found)


def _lacking_within(found: Held) -> str:
    match found.node:
        case Not(part=part):
            return f"{written(part)} holds, and must not"
        case Title(part=part):
            return f"{written(part)} does not hold in the title"
    return "; ".join(lacking(part) for part in found.parts if not part.holds) or _apart(found)


def _apart(found: Held) -> str:
    """Say of parts that all stand why they do not hold together."""
    if isinstance(found.node, Near):
        most = found.node.distance
        return f"{' and '.join(part.text for part in found.parts)} stand more than {most} words apart"
    return f"{found.text}: there is no such sentence"
