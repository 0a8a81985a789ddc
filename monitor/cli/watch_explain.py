"""`watch explain`: what a rule says, in plain words, or why a stored entry has its verdict."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from typing import Annotated, NamedTuple

import typer

from monitor.cli.session import Json, err, out, print_json, session
from monitor.cli.watch_entry import explain_entry, names_entry
from monitor.config import Config
from monitor.config.queries import known_names, sources_of
from monitor.core.query.explain import explain
from monitor.core.query.format import format as written
from monitor.core.query.names import check_names, doubtful_sources
from monitor.core.query.parse import parse
from monitor.core.query.plain import as_list
from monitor.core.query.terms import groups_of_word, likely_languages, terms_of
from monitor.core.query.tree import Node
from monitor.errors import InputError

SHOWN = 5
"""So many forms of a word are shown in each language."""

_EXAMPLES = (
    "`run_monitor.py watch explain 'drone NEAR/5 (refinery OR \"oil depot\") -title:sport'`, "
    "`run_monitor.py watch explain 'S(drone Kyiv)' --json`"
)


class Sought(NamedTuple):
    """The written forms of a word of the query in one language; empty: in every one."""

    word: str
    language: str
    forms: tuple[str, ...]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("explain", epilog=f"Examples: {_EXAMPLES}")(explain_target)


def explain_target(
    context: typer.Context,
    target: Annotated[
        str, typer.Argument(metavar="QUERY|ENTRY|URL", help="A rule in quotes, or a stored entry's number or address.")
    ],
    *,
    rule: Annotated[str | None, typer.Option(metavar="ID", help="Of an entry: this actor or topic alone.")] = None,
    as_json: Json = False,
) -> None:
    """Read a rule back in plain words; or tell why a stored entry has its verdict, and what was nearest."""
    if names_entry(target):
        explain_entry(context, target, as_json, rule)
        return
    if rule is not None:
        raise InputError("--rule goes with the number or the address of a stored entry, not with a query")
    node = checked(target, session(context).configuration())
    if as_json:
        print_json(_record(target, node))
    else:
        _show(node)


def checked(query: str, config: Config) -> Node:
    """Read a query and look up its names; say of what is probably a slip that it is. Raises QueryError."""
    node = parse(query)
    watch = config.watch
    names = known_names((actor.id for actor in watch.actors), (topic.id for topic in watch.topics))
    check_names(node, names, text=query)
    for column, doubt in doubtful_sources(node, sources_of(config.feeds)):
        err.print(f"column {column}: {doubt}", markup=False)
    return node


def _sought(node: Node) -> Iterator[Sought]:
    for term in terms_of([node]):
        word = written(term)
        for texts, like in groups_of_word(term):
            yield Sought(word, like.language, texts)


def _record(query: str, node: Node) -> dict[str, object]:
    return {
        "query": query,
        "canonical": written(node),
        "means": explain(node).split("\n"),
        "tree": as_list(node),
        "words": [sought._asdict() for sought in _sought(node)],
    }


def _listed(sought: Sought) -> str:
    forms = sought.forms
    more = f" and {len(forms) - SHOWN} more" if len(forms) > SHOWN else ""
    return f"{sought.language or 'as typed'}: {', '.join(forms[:SHOWN])}{more}"


def _show(node: Node) -> None:
    out.print(explain(node), markup=False)
    out.print(f"Written in one form: {written(node)}", markup=False)
    for word, group in groupby(_sought(node), key=lambda sought: sought.word):
        out.print(f"{word} is looked for as", style="bold", markup=False)
        for sought in group:
            out.print(f"  {_listed(sought)}", markup=False)
    if open_ := next((term for term in terms_of([node]) if not (term.language or term.exact or term.prefix)), None):
        one = written(replace(open_, language=likely_languages(open_)[0]))
        keeps = f"A word is inflected in each language of its script, and counts in texts of it; {one} keeps to one."
        out.print(keeps, markup=False)
