"""Random queries, as trees."""

from hypothesis import strategies as st

from monitor.core.model import RuleKind
from monitor.core.query.tree import Fact, Near, Node, Not, Or, Origin, Rule, Sentence, Term, Title, all_of, any_of

WORDS = [
    "дрон",
    "drone",
    "S",
    "or",
    "NEAR",
    "AT&T",
    "peace-talks",
    "peace talks",
    "про «Азов»",
    "Су-27",
    "it’s",
    "-y",
    "a:b",
]
LANGUAGES = ["", "", "", "uk", "de"]
TERMS = st.builds(
    lambda text, mark, language: Term(text=text, exact=mark == "=", prefix=mark == "*", language=language),
    st.sampled_from(WORDS),
    st.sampled_from(["", "", "="]),
    st.sampled_from(LANGUAGES),
) | st.builds(lambda text: Term(text=text, prefix=True), st.sampled_from(["дрон", "peace talks", "Drohnen"]))
RULES = st.builds(
    Rule, kind=st.sampled_from([RuleKind.ACTOR, RuleKind.TOPIC]), id=st.sampled_from(["putin", "peace-talks"])
)
FACTS = st.sampled_from(
    [
        Fact(origin=Origin.SOURCE, value="bbc.co.uk"),
        Fact(origin=Origin.SOURCE, value="The Guardian"),
        Fact(origin=Origin.SOURCE, value="-x"),
        Fact(origin=Origin.LANGUAGE, value="uk"),
        Fact(origin=Origin.COUNTRY, value="UA"),
        Fact(origin=Origin.PRESS, value="state"),
    ]
)
MENTIONS = TERMS | RULES
OPERANDS = MENTIONS | st.lists(MENTIONS, min_size=2, max_size=3).map(lambda parts: Or(parts=tuple(parts)))
NEARS = st.builds(Near, distance=st.integers(1, 50), left=OPERANDS, right=OPERANDS)


@st.composite
def trees(draw: st.DrawFn, leaves: st.SearchStrategy[Node], most: int) -> Node:
    """Join a few leaves by AND, OR and NOT, as the parser would."""
    parts: list[Node] = draw(st.lists(leaves, min_size=1, max_size=most))
    while len(parts) > 1 or draw(st.booleans()):
        count = draw(st.integers(1, len(parts)))
        taken, parts = parts[:count], parts[count:]
        joined = draw(st.sampled_from([all_of, any_of]))(taken)
        refused = draw(st.booleans()) and not isinstance(joined, Not)
        parts.append(Not(part=joined) if refused else joined)
    return parts[0]


@st.composite
def sentences(draw: st.DrawFn) -> Node:
    """Put what has two parts at least into one sentence."""
    return Sentence(part=all_of([draw(MENTIONS), draw(trees(MENTIONS | NEARS, 4))]))


@st.composite
def titles(draw: st.DrawFn) -> Node:
    """Put something into the title."""
    return Title(part=draw(trees(MENTIONS | NEARS | sentences(), 4)))


TREES: st.SearchStrategy[Node] = trees(MENTIONS | FACTS | NEARS | sentences() | titles(), 8)
"""Any tree that the parser could make, sound or not."""
