"""What the forms of a watchlist stand for."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import islice
from os.path import commonprefix
from typing import NamedTuple, TypeAlias

from monitor.core.chains import Chains
from monitor.core.forms import GAP, Form, Forms, Sign, group_of_term, groups_of
from monitor.core.model import ActorSpec, RuleKind, ScopeSpec, TopicSpec
from monitor.core.query.indexing import Numbered
from monitor.core.query.terms import groups_of_word
from monitor.core.text import fold
from monitor.errors import ConfigError, Finding


class Use(NamedTuple):
    """What a form stands for: `rule` indexes `Watchlist.rules`, or is the number of a query's word, which comes behind
    them. The rest is as in `Form`.

    Uses of one `lemma` are one sign. `cased` is how the form must be written, if that matters. Of a term with a gap,
    the uses of both parts have the same `gap` (counted from 1), and those of the second part the sign `TAIL`.
    `language`: it holds in texts of that language, or of none that is known; empty for names, which hold in all.
    `guarded`: something of the place must be looked at before the use holds there.
    """

    rule: int
    kind: RuleKind
    sign: Sign | None = None
    lemma: str = ""
    group: str = ""
    since: date | None = None
    until: date | None = None
    cased: str = ""
    capital: bool = False
    needs_context: bool = False
    bare: bool = False
    prefix: bool = False
    gap: int = 0
    language: str = ""
    guarded: bool = False

    @property
    def dated(self) -> bool:
        """Whether it is an office, held for a time."""
        return self.since is not None or self.until is not None

    def holds_on(self, day: date) -> bool:
        """Whether the form stands for its rule in a text of that day (UTC)."""
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)


class Sought(NamedTuple):
    """Folded forms of a query's word that have one use."""

    use: Use
    forms: tuple[str, ...]


class Late(NamedTuple):
    """All folded forms of a query's word, and how each of them begins."""

    stem: str
    sought: tuple[Sought, ...]


def late_word(sought: Iterable[Sought]) -> Late:
    """Return a word of these forms."""
    groups = tuple(sought)
    forms = [form for group in groups for form in group.forms]
    return Late(commonprefix(forms), groups)  # noqa: RUF071 - of words, not of paths


Groups: TypeAlias = tuple[str, list[tuple[tuple[str, ...], Use]]]
"""Who looks for something, and the forms, each group with its use."""


def by_form(groups_by_source: Iterable[Groups]) -> Mapping[str, tuple[Use, ...]]:
    """Return every folded form with its uses; equal tuples are one object.

    Raises ConfigError for terms in which nothing is left to look for.
    """
    chains = Chains[Use]()
    ends: dict[str, int] = {}
    empty: list[Finding] = []
    for source, groups in groups_by_source:
        folded = iter(_folded([text for texts, _ in groups for text in texts]))
        for texts, use in groups:
            number = chains.number(use)
            for key in islice(folded, len(texts)):
                ends[key] = chains.longer(ends.get(key, 0), number)
                if not key:
                    empty.append(Finding(source=source, message=f"nothing to look for in the term {use.lemma!r}"))
    if empty:
        raise ConfigError(empty)
    return {key: chains.known[end] for key, end in ends.items()}


def of_rule(number: int, kind: RuleKind, name: str, spec: ActorSpec | TopicSpec | ScopeSpec) -> Groups:
    """Return what a rule looks for."""
    return f"{kind} {name}", list(_uses(number, kind, spec))


def of_words(words: Iterable[Numbered]) -> Iterator[Groups]:
    """Yield words of queries as if they were topics."""
    for number, word in words:
        groups = [alike for group in groups_of_word(word) for alike in _exact(group)]
        yield "a query", [(texts, _use(number, RuleKind.TOPIC, texts[0], like, 0)) for texts, like in groups]


def late_words(words: Iterable[Numbered]) -> Mapping[int, Late]:
    """Return words of queries with their folded forms, by their numbers."""
    return {
        number: late_word(Sought(use, tuple(dict.fromkeys(_folded(list(texts))))) for texts, use in groups)
        for (number, word) in words
        for _, groups in of_words([(number, word)])
    }


def _uses(rule: int, kind: RuleKind, spec: ActorSpec | TopicSpec | ScopeSpec) -> Iterator[tuple[tuple[str, ...], Use]]:
    gap = 0
    for group in groups_of(spec):
        for texts, like in _exact(group):
            if GAP not in texts[0]:
                yield texts, _use(rule, kind, texts[0], like, 0)
                continue
            gap += 1
            head, _, tail = texts[0].partition(GAP)
            for part, sign in ((head, like.sign), (tail, Sign.TAIL)):
                found = group_of_term(part.strip(), like.language)
                alike = like._replace(sign=sign, cased=found.like.cased, prefix=found.like.prefix)
                yield found.texts, _use(rule, kind, found.texts[0], alike, gap)


def _exact(group: Forms) -> Iterable[Forms]:
    """Part what is no group: none of them, and those of which each has its own letters or its own gap."""
    texts, like = group
    if like.cased or (texts and GAP in texts[0]):
        return [Forms((text,), like) for text in texts]
    return [group] if texts else []


_NAMES = (Sign.NEVER, Sign.FIRST_NAME)


def _use(rule: int, kind: RuleKind, text: str, form: Form, gap: int) -> Use:
    return Use(
        rule,
        kind,
        form.sign,
        form.lemma,
        form.group,
        form.since,
        form.until,
        text if form.cased else "",
        form.capital,
        form.needs_context,
        form.bare,
        form.prefix,
        gap,
        "" if kind is RuleKind.ACTOR or form.sign in _NAMES else form.language,
        guarded=bool(form.since or form.until or form.cased or form.capital),
    )


def fold_form(text: str) -> str:
    """Fold a form as the automaton holds it: folded, with one space between words and none around them."""
    return " ".join(fold(text).text.split())


_PART = "\x1e"
"""Between forms that are folded together: no letter, so no form changes by what stands beside it."""


def _folded(texts: list[str]) -> Iterable[str]:
    """Fold forms as `fold_form` does, all at once."""
    folded = fold(_PART.join(texts)).text.split(_PART)
    if len(folded) != len(texts):
        return map(fold_form, texts)
    return (" ".join(text.split()) for text in folded)
