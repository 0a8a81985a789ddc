"""The watchlist that the benchmarks match against: that of `feeds.yaml`, or an invented one of its size."""

import random
from dataclasses import replace
from pathlib import Path

from benchmarks.matching.made import make_forms, make_spec
from monitor.config import load_config
from monitor.core.model import ActorSpec, ScopeSpec, TopicSpec, WatchSpec
from monitor.core.watchlist import Watchlist, compile_watchlist
from monitor.errors import ConfigError

SHIPPED = Path(__file__).parents[2] / "feeds.yaml"
INVENTED_FORMS = 5_000

KNOWN_ACTORS = {
    "putin": {"en": ("Putin",), "uk": ("Путін",), "ru": ("Путин",), "de": ("Putin",), "fr": ("Poutine",)},
    "trump": {"en": ("Trump",), "uk": ("Трамп",), "ru": ("Трамп",)},
}
KNOWN_TOPICS = {
    "drones": {"en": ("drones",), "uk": ("дронів",), "ru": ("дронов",), "de": ("Drohnen",), "pl": ("dronów",)},
    "ceasefire": {"en": ("ceasefire",), "uk": ("перемир'я",), "ru": ("перемирии",), "de": ("Waffenruhe",)},
}
KNOWN_SCOPE = {
    "en": ("Ukraine", "Kyiv"),
    "uk": ("Україна", "Україні"),
    "ru": ("Украина", "Украине"),
    "pl": ("Kijowem",),
}


def load_watchlist() -> tuple[Watchlist, str]:
    """Return the compiled watchlist and what it is, in one line."""
    try:
        watchlist, kind = compile_watchlist(load_config(SHIPPED, environ={}).watch), "the shipped watchlist"
    except ConfigError:
        watchlist, kind = compile_watchlist(_invented()), "an invented watchlist (the shipped one does not load)"
    return watchlist, f"{kind}, {len(watchlist.rules):,} rules, {watchlist.form_count:,} forms"


def _invented() -> WatchSpec:
    """Make rules of random names, and a few that the documents hold."""
    filler = make_spec(make_forms(random.Random(1), INVENTED_FORMS))
    actors = tuple(ActorSpec(id=name, label={}, last=terms) for name, terms in KNOWN_ACTORS.items())
    topics = tuple(TopicSpec(id=name, label={}, terms=terms) for name, terms in KNOWN_TOPICS.items())
    strong = {lang: terms + KNOWN_SCOPE.get(lang, ()) for lang, terms in filler.scope.strong.items()}
    return replace(filler, actors=filler.actors + actors, topics=filler.topics + topics, scope=ScopeSpec(strong=strong))
