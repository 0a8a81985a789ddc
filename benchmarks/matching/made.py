"""Invented names, terms and entries of six languages.

Forms are made as inflection makes them: the stems of one to three words, with each ending of the language in turn. So
they share long beginnings, and the words of the text share their endings, as in life. The same seed makes the same.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain, islice
from typing import TypeAlias

from monitor.core.model import ActorSpec, Entry, ScopeSpec, ScopeWeight, TopicSpec, WatchSpec

NOW = datetime(2026, 1, 15, tzinfo=UTC)

ONSETS = {
    "en": "b c ch d f g h j k l m n p qu r s sh st t th tr v w y",
    "uk": "б в г ґ д ж з й к л м н п р с т ст х ц ч ш щ п' в’",
    "ru": "б в г д ж з й к л м н п р с т ст х ц ч ш щ пр вр тр",
    "de": "b d f g h j k l m n p pf r s sch st t v w z sp kr br tr",
    "fr": "b c ch d f g j l m n p qu r s t v pr tr bl cr l' d’ ss gn",
    "pl": "b c cz ć d dz f g h j k l ł m n ń p r rz s sz ś t w z ż",
}
RHYMES = {
    "en": "a e i o u ea ing er on an al ou y ion",
    "uk": "а е и і ї о у ю я ова ого ам",
    "ru": "а е и о у ы э ю я ова ого ам",
    "de": "a e i o u ä ö ü en er ung ich au ein",
    "fr": "a e é è i o u eau ion ent oi ou ais",
    "pl": "a ą e ę i o ó u y owa ego iem",
}
ENDINGS = {
    "en": ("", "s", "'s", "s'"),
    "uk": ("", "а", "у", "ові", "ом", "і", "е", "и", "ів", "ам", "ами", "ах"),
    "ru": ("", "а", "у", "ом", "е", "ы", "ов", "ам", "ами", "ах"),
    "de": ("", "s", "es", "e", "en", "er", "ern"),
    "fr": ("", "s", "e", "es", "ne", "nes"),
    "pl": ("", "a", "owi", "em", "ie", "owie", "y", "ów", "om", "ami", "ach"),
}
LANGUAGES = tuple(ONSETS)
ONSETS_OF = {lang: found.split() for lang, found in ONSETS.items()}
RHYMES_OF = {lang: found.split() for lang, found in RHYMES.items()}

WATCHED_SHARE = 1 / 12
CAST = 8
"""One word in so many is a watched form, of so many different ones an entry."""

TYPICAL_LENGTHS = (1, 1, 1, 2, 2, 2, 2, 3, 3, 4)
"""Syllables of a word in running text; names have more, so that chance finds few of them."""

Forms: TypeAlias = Mapping[str, Sequence[str]]
"""Language → forms."""


def stem(rng: random.Random, lang: str, syllables: int) -> str:
    """Make up a stem; one German stem in a hundred has an ß, which folds into two letters."""
    made = "".join(rng.choice(ONSETS_OF[lang]) + rng.choice(RHYMES_OF[lang]) for _ in range(syllables))
    return made + "ß" if lang == "de" and rng.random() < 1 / 100 else made


def word(rng: random.Random, lang: str, syllables: int) -> str:
    """Make up a word of running text."""
    return stem(rng, lang, syllables) + rng.choice(ENDINGS[lang])


def inflected(rng: random.Random, lang: str) -> Iterator[str]:
    """Make up a name or phrase of one to three words, and yield its forms."""
    words = rng.choice((1, 2, 2, 3))
    stems = [stem(rng, lang, rng.randint(2, 4) + (words == 1)).capitalize() for _ in range(words)]
    for ending in ENDINGS[lang]:
        yield " ".join(one + ending for one in stems)


def make_forms(rng: random.Random, count: int) -> dict[str, list[str]]:
    """Make `count` forms, no two alike but for case; language → forms."""
    return {
        lang: list(islice(_distinct(rng, lang), (count + len(LANGUAGES) - 1 - at) // len(LANGUAGES)))
        for at, lang in enumerate(LANGUAGES)
    }


def _distinct(rng: random.Random, lang: str) -> Iterator[str]:
    seen: set[str] = set()
    while True:
        for form in inflected(rng, lang):
            if (key := form.casefold().replace("’", "'")) not in seen:
                seen.add(key)
                yield form


NO_LANGUAGE = "xx"
"""A language that is not inflected: ours must look for the very forms that its peers look for."""


def make_spec(forms: Forms) -> WatchSpec:
    """Spread the forms over rules: two thirds actors, a third topics, a hundredth of all as strong scope terms."""
    actors, topics = [], []
    for lang, found in forms.items():
        for at, chunk in enumerate(found[i : i + 12] for i in range(0, len(found), 12)):
            terms = {NO_LANGUAGE: tuple(chunk)}
            name = f"{lang}-{at}"
            if at % 3:
                actors.append(ActorSpec(id=name, label={}, person=False, last=terms, scope=ScopeWeight.WEAK))
            else:
                topics.append(TopicSpec(id=name, label={}, terms=terms))
    strong = {NO_LANGUAGE: tuple(chain.from_iterable(found[::100] for found in forms.values()))}
    return WatchSpec(actors=tuple(actors), topics=tuple(topics), scope=ScopeSpec(strong=strong))


def make_entries(rng: random.Random, words: int, forms: Forms, count: int) -> list[Entry]:
    """Make entries, the languages in turn."""
    return [_make_entry(rng, LANGUAGES[at % len(LANGUAGES)], words, forms, str(at)) for at in range(count)]


def _make_entry(rng: random.Random, lang: str, words: int, forms: Forms, key: str) -> Entry:
    """Title and summary have 60 words together, the content the rest."""
    cast = rng.sample(forms[lang], CAST)
    title, summary, content = (_make_text(rng, lang, length, cast) for length in (10, 50, words - 60))
    return Entry(
        keys=(key,),
        key_version=1,
        title=title,
        summary=summary,
        content=content,
        fingerprint=key,
        lang=lang,
        published=NOW,
    )


def _make_text(rng: random.Random, lang: str, words: int, cast: Sequence[str]) -> str:
    return " ".join(
        rng.choice(cast) if rng.random() < WATCHED_SHARE else word(rng, lang, rng.choice(TYPICAL_LENGTHS))
        for _ in range(words)
    )
