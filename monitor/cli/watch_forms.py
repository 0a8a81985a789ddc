"""`watch forms`: in which forms a name or a term is looked for."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Annotated

import typer

from monitor.cli.session import Json, err, near, out, print_json, session
from monitor.core.forms import Form, forms_of_actor, forms_of_scope, forms_of_topic, gender_of
from monitor.core.model import WatchSpec
from monitor.core.watchlist import SCOPE_ID
from monitor.errors import InputError

EXAMPLES = "Examples: `run_monitor.py watch forms putin`, `run_monitor.py watch forms scope --json`"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("forms", epilog=EXAMPLES)(forms)


def forms(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="ID", help="An actor's or a topic's id, or `scope`.")],
    *,
    as_json: Json = False,
) -> None:
    """List every form that is looked for, and which of them are ordinary words too."""
    here = session(context)
    spec = here.configuration().watch
    found = list(_found(spec, name))
    for guess in _guessed(spec, name):
        err.print(guess, markup=False)
    if as_json:
        for rule, form in found:
            print_json({"rule": rule, **_public(form)})
        return
    for heading, group in groupby(found, key=_heading):
        out.print(heading, style="bold", markup=False)
        _print_forms([form for _, form in group])


def _found(spec: WatchSpec, name: str) -> Iterator[tuple[str, Form]]:
    if name == SCOPE_ID:
        yield from ((SCOPE_ID, form) for form in forms_of_scope(spec.scope))
        return
    known = [actor.id for actor in spec.actors] + [topic.id for topic in spec.topics]
    if name not in known:
        raise InputError(f"no actor and no topic {name!r}{near(name, known)}; `watch list` names them all")
    for actor in spec.actors:
        if actor.id == name:
            yield from ((f"actor {name}", form) for form in forms_of_actor(actor))
    for topic in spec.topics:
        if topic.id == name:
            yield from ((f"topic {name}", form) for form in forms_of_topic(topic))


def _guessed(spec: WatchSpec, name: str) -> Iterator[str]:
    """Say by which gender the names of a person are inflected, where the configuration does not tell."""
    words = {"m": "a man", "f": "a woman"}
    for actor in spec.actors:
        if actor.id == name and actor.person and actor.gender is None:
            yield f"inflected as the name of {words[gender_of(actor)]}, by a guess; `gender: m` or `f` settles it"


def _heading(found: tuple[str, Form]) -> str:
    """Return the rule and what its forms say; of a weak sign of the scope the group too."""
    rule, form = found
    group = f" ({form.group})" if rule == SCOPE_ID and form.group else ""
    return f"{rule}, {form.sign}{group}" if form.sign else rule


def _public(form: Form) -> dict[str, object]:
    return {
        "sign": form.sign,
        "group": form.group,
        "text": form.text,
        "language": form.language,
        "lemma": form.lemma,
        "since": form.since and form.since.isoformat(),
        "until": form.until and form.until.isoformat(),
        "ordinary": form.ordinary,
        "needs_context": form.needs_context,
        "capital": form.capital,
        "cased": form.cased,
        "prefix": form.prefix,
    }


def _print_forms(found: Iterable[Form]) -> None:
    for language, group in groupby(sorted(found, key=lambda form: form.language), key=lambda form: form.language):
        forms = {_shown(form): form for form in group}
        out.print(f"  {language}: {', '.join(forms)}", markup=False)
        for text, form in forms.items():
            if form.ordinary:
                out.print(f"      {text}: ordinary word too: {_condition(form)}", markup=False)


def _shown(form: Form) -> str:
    return f"={form.text}" if form.cased else f"{form.text}*" if form.prefix else form.text


def _condition(form: Form) -> str:
    if form.needs_context:
        return "counts only beside a first name, a title or another word of its context"
    return "counts only with a capital"
