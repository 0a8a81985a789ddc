"""What holds of matching whatever the text: order, normal forms, and evidence that is a form."""

import random
import re
from collections.abc import Callable
from unicodedata import normalize

from hypothesis import given
from hypothesis import strategies as st

from monitor.core.forms import forms_of_actor, forms_of_scope, forms_of_topic
from monitor.core.matching import EVIDENCE_CAP, match_entry
from monitor.core.model import (
    Entry,
    ScopeWeight,
    TopicSpec,
    Verdict,
    WatchSpec,
)
from monitor.core.text import fold
from monitor.core.uses import fold_form
from monitor.core.watchlist import Watchlist, compile_watchlist
from tests.core.sample_watchlist import ACTORS, NOW, SCOPE, SPEC, TOPICS, WATCHLIST, entry, shown

# ── properties ───────────────────────────────────────────────────────────────────────────────────────────────────────

RULE_FORMS: dict[str, set[str]] = {
    actor.id: {fold_form(form.text) for form in forms_of_actor(actor)} for actor in ACTORS
}
RULE_FORMS |= {topic.id: {fold_form(form.text) for form in forms_of_topic(topic)} for topic in TOPICS}
RULE_FORMS["scope"] = {fold_form(form.text) for form in forms_of_scope(SCOPE)}.union(
    *(RULE_FORMS[actor.id] for actor in ACTORS if actor.scope is not ScopeWeight.NONE)
)
PARTED = re.compile(r"exchanges?\W+(\w+\W+){0,2}prisoners|gefangenen\w+", re.DOTALL)
"""What the terms with a gap and with an open end stand for."""

NOISE = [
    "exchange",
    "of",
    "prisoners",
    "pow",
    "gefangenenes",
    "captivity",
    "US",
    "president",
    "Київ",
    "ẞ",
    "İ",
    "ﬁ",
    "½",
    "й",
    "e",
    "s",
    "2",
    "_",
    "\u0301",
]
WORDS = st.sampled_from([*sorted(set().union(*RULE_FORMS.values())), *NOISE]) | st.text(max_size=2)
JOINTS = st.sampled_from([*"     -'’", ". ", "", "\u00a0", "\n", "\u0301", "\u00ad", "\u200b", "😀"])
TEXTS = st.lists(st.tuples(WORDS, JOINTS).map("".join), max_size=14).map("".join)
CASES: st.SearchStrategy[Callable[[str], str]] = st.sampled_from([str.upper, str.lower, str.title, str.strip])


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    text, summary, content = (draw(CASES)(draw(TEXTS)) for _ in range(3))
    return entry(text, summary=summary, content=content)


def shuffled(spec: WatchSpec, seed: int) -> Watchlist:
    rng = random.Random(seed)
    return compile_watchlist(
        WatchSpec(
            actors=tuple(rng.sample(spec.actors, len(spec.actors))),
            topics=tuple(rng.sample(spec.topics, len(spec.topics))),
            scope=spec.scope,
        )
    )


@given(entries(), st.integers(0, 5))
def test_the_order_of_the_rules_does_not_matter(item: Entry, seed: int) -> None:
    assert match_entry(shuffled(SPEC, seed), item, now=NOW) == match_entry(WATCHLIST, item, now=NOW)


@given(entries())
def test_every_piece_of_evidence_is_a_form_of_its_rule(item: Entry) -> None:
    for match in match_entry(WATCHLIST, item, now=NOW).matches:
        assert 0 < len(match.evidence) <= EVIDENCE_CAP
        assert len(set(match.evidence)) == len(match.evidence)
        for evidence in match.evidence:
            assert evidence.text == getattr(item, evidence.field)[evidence.start : evidence.end]
            found = fold(evidence.text).text
            assert found in RULE_FORMS[match.rule] or PARTED.fullmatch(found)


def normalized(item: Entry, form: str) -> Verdict:
    text, summary, content = (normalize(form, text) for text in (item.title, item.summary, item.content))  # type: ignore[arg-type] # NFC or NFD
    return match_entry(WATCHLIST, entry(text, summary=summary, content=content), now=NOW)


def outline(verdict: Verdict) -> tuple[bool, list[tuple[str, list[tuple[str, str]]]]]:
    return verdict.relevant, [
        (match.rule, [(e.field, fold(e.text).text) for e in match.evidence]) for match in verdict.matches
    ]


@given(entries())
def test_the_normal_form_of_the_text_does_not_matter(item: Entry) -> None:
    assert outline(normalized(item, "NFC")) == outline(normalized(item, "NFD"))


PLAIN_TERMS = ("drone", "drones", "air strike", "strike", "фронт", "ес")
PLAIN = compile_watchlist(WatchSpec(topics=(TopicSpec(id="t", label={}, terms={"xx": PLAIN_TERMS}, scoped=False),)))
PLAIN_TEXTS = st.lists(st.sampled_from([*PLAIN_TERMS, *" -_'.2sа\u0301"]), max_size=9).map("".join)
OF_WORD = r"[\w\u0300-\u036f]"
LONGEST_FIRST = "|".join(sorted(PLAIN_TERMS, key=len, reverse=True))
REFERENCE = re.compile(rf"(?<!{OF_WORD})(?:{LONGEST_FIRST})(?!{OF_WORD})")


@given(PLAIN_TEXTS)
def test_the_automaton_finds_what_a_regular_expression_finds(text: str) -> None:
    expected = REFERENCE.findall(fold(text).text)[:EVIDENCE_CAP]
    assert [fold(found).text for _, found in shown(match_entry(PLAIN, entry(text), now=NOW), "t")] == expected
