"""What the DNS of a sending domain says about its mail: SPF (RFC 7208), DKIM (RFC 6376 §3.6.1), DMARC (RFC 7489)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Literal, TypeAlias

State: TypeAlias = Literal["ok", "note", "wrong"]

SPF_LOOKUPS = 10
"""So many look-ups may a receiver's evaluation of SPF cost; with more the record counts as broken (RFC 7208 §4.6.4)."""

_TERM = re.compile(
    r"(?i)(?P<qualifier>[+?~-]?)(?P<name>all|include|a|mx|ptr|ip4|ip6|exists)(?=[:/]|$)(?P<value>.*)"
    r"|(?P<modifier>redirect|exp|[a-z][a-z0-9_.-]*)=(?P<target>\S*)"
)
_ASKING = frozenset({"include", "a", "mx", "ptr", "exists", "redirect"})
_POLICIES = {
    "none": "it asks receivers for nothing yet",
    "quarantine": "what does not pass goes to spam",
    "reject": "what does not pass is refused",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a record is worth. `record` is what should stand in the DNS under `name`, where something else does."""

    state: State
    detail: str
    name: str | None = None
    record: str | None = None


# ── SPF ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Spf:
    """One SPF record. `lookups` are its own terms that ask the DNS, `follow` the domains whose records count too,
    `rest` the qualifier of `all` (+ - ~ ?), `unknown` what is no term."""

    lookups: int = 0
    follow: tuple[str, ...] = ()
    rest: str | None = None
    redirected: bool = False
    unknown: tuple[str, ...] = ()


def spf_records(texts: Sequence[str]) -> tuple[str, ...]:
    """Return those of a domain's TXT records that are SPF."""
    return tuple(text for text in texts if text.lower() == "v=spf1" or text.lower().startswith("v=spf1 "))


def read_spf(record: str) -> Spf:
    """Read one record, loosely: domains with macros are not followed."""
    terms = record.split()[1:]
    found = [_TERM.fullmatch(term) for term in terms]
    known = [term for term in found if term]
    names = [(term["name"] or term["modifier"]).lower() for term in known]
    targets = [(term["target"] if term["modifier"] else (term["value"] or "").lstrip(":")) for term in known]
    rests = [term["qualifier"] or "+" for term, name in zip(known, names, strict=True) if name == "all"]
    follow = [target for name, target in zip(names, targets, strict=True) if name in {"include", "redirect"} and target]
    return Spf(
        lookups=sum(name in _ASKING for name in names),
        follow=tuple(target for target in follow if "%" not in target),
        rest=rests[0] if rests else None,
        redirected="redirect" in names,
        unknown=tuple(term for term, match in zip(terms, found, strict=True) if not match),
    )


def judge_spf(domain: str, records: Sequence[str], *, lookups: int, empty: Sequence[str], host: str | None) -> Verdict:
    """Judge a domain's SPF records. `lookups` counts those of all records that they lead to, `empty` are domains that
    are included and have none; `host` is the mail server that we hand our mail to, where there is one."""
    if not records:
        sender, words = _sending(host)
        detail = f"{domain} has no SPF record. If only {words} for it (a provider tells its own `include:`)"
        return Verdict(state="wrong", detail=detail, name=domain, record=f"v=spf1 {sender} -all")
    if len(records) > 1:
        detail = f"{domain} has {len(records)} SPF records, so receivers use none of them: make them one"
        return Verdict(state="wrong", detail=detail)
    mistake = _spf_mistake(records[0], lookups, empty)
    if mistake:
        return Verdict(state="wrong", detail=f"{records[0]}: {mistake}")
    spf = read_spf(records[0])
    if spf.rest == "?" or (spf.rest is None and not spf.redirected):
        return Verdict(state="note", detail=f"{records[0]}: it says nothing of other servers; end it with -all or ~all")
    return Verdict(state="ok", detail=records[0])


def _sending(host: str | None) -> tuple[str, str]:
    """Return the term of SPF for the server that sends, and in words."""
    try:
        address = ip_address(host or "127.0.0.1")
    except ValueError:
        return ("mx", "the domain's own mail servers send") if host == "localhost" else (f"a:{host}", f"{host} sends")
    if address.is_loopback:
        return "mx", "the domain's own mail servers send"
    return f"ip{address.version}:{address}", f"{address} sends"


def _spf_mistake(record: str, lookups: int, empty: Sequence[str]) -> str | None:
    spf = read_spf(record)
    if spf.unknown:
        return f"{spf.unknown[0]!r} is no term of SPF, so receivers ignore the record"
    if empty:
        return f"{empty[0]}, which it includes, has no SPF record, so receivers ignore it"
    if lookups > SPF_LOOKUPS:
        return f"it costs {lookups} look-ups or more; beyond {SPF_LOOKUPS} receivers ignore it"
    return "it lets every server send for the domain; end it with -all or ~all" if spf.rest == "+" else None


# ── DKIM ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def judge_dkim(name: str, texts: Sequence[str], public_key: str) -> Verdict:
    """Judge the TXT records under a selector's name, beside the public key (base64) of the key that we sign with."""
    wanted = f"v=DKIM1; k=rsa; p={public_key}"
    keys = [text for text in texts if "p" in _tags(text)]
    mistake = _several(name, keys) or _dkim_mistake(_tags(keys[0]), public_key)
    if mistake:
        return Verdict(state="wrong", detail=mistake, name=name, record=wanted)
    if "y" in _flags(_tags(keys[0]), "t"):
        return Verdict(state="note", detail=f"{name} has our key, but says t=y: receivers treat mail as unsigned")
    return Verdict(state="ok", detail=f"{name} has the key that we sign with")


def _several(name: str, keys: Sequence[str]) -> str | None:
    if not keys:
        return f"no key is published, so no signature of ours can be verified: {name} has none"
    return f"{name} has {len(keys)} keys, so receivers may take the wrong one" if len(keys) > 1 else None


def _dkim_mistake(tags: Mapping[str, str], public_key: str) -> str | None:
    if not tags["p"]:
        return "the published key is empty, which revokes it"
    if tags.get("v", "DKIM1") != "DKIM1" or tags.get("k", "rsa") != "rsa":
        return "the published key is not one for RSA"
    if re.sub(r"\s", "", tags["p"]) != public_key:
        return "the published key is another than the one that we sign with, so every signature fails"
    if "h" in tags and "sha256" not in _flags(tags, "h"):
        return "the published key does not allow sha256, which we sign with"
    if "s" in tags and not _flags(tags, "s") & {"*", "email"}:
        return "the published key is not for mail"
    return None


# ── DMARC ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def dmarc_names(domain: str) -> Iterator[str]:
    """Yield the names that may hold a domain's DMARC record: its own, then those of the domains above it."""
    labels = domain.split(".")
    for at in range(max(1, len(labels) - 1)):
        yield "_dmarc." + ".".join(labels[at:])


def dmarc_records(texts: Sequence[str]) -> tuple[str, ...]:
    """Return those of a name's TXT records that are DMARC."""
    return tuple(text for text in texts if re.match(r"v\s*=\s*DMARC1\s*(;|$)", text))


def judge_dmarc(domain: str, name: str, records: Sequence[str], *, reports: str) -> Verdict:
    """Judge a domain's DMARC records, found under `name`; `reports` is the address that might take the reports."""
    wanted = f"v=DMARC1; p=none; rua=mailto:{reports}"
    own = f"_dmarc.{domain}"
    if not records:
        return Verdict(state="wrong", detail=f"{domain} has no DMARC record; to begin with", name=own, record=wanted)
    if len(records) > 1:
        return Verdict(state="wrong", detail=f"{name} has {len(records)} DMARC records, so receivers use none of them")
    tags = _tags(records[0])
    policy = tags.get("sp", tags.get("p", "")) if name != own else tags.get("p", "")
    words = _POLICIES.get(policy.lower())
    if words is None:
        detail = f"{records[0]}: it has no policy (p=none, quarantine or reject)"
        return Verdict(state="wrong", detail=detail, name=name, record=wanted)
    return Verdict(state="ok", detail=f"{records[0]} ({words})" + ("" if name == own else f", from {name}"))


# ── the way back ─────────────────────────────────────────────────────────────────────────────────────────────────────


def judge_mail_servers(domain: str, servers: Sequence[str], *, has_address: bool) -> Verdict:
    """Judge who takes mail for a domain (RFC 5321 §5.1): bounces and wishes to unsubscribe come there. An empty name
    is a domain's word that it takes none (RFC 7505)."""
    if any(servers):
        return Verdict(state="ok", detail=f"{domain} takes mail at {', '.join(filter(None, servers))}")
    if servers:
        return Verdict(state="wrong", detail=f"{domain} says that it takes no mail: bounces and answers are lost")
    if has_address:
        return Verdict(state="note", detail=f"{domain} names no mail server; senders will try the host itself")
    return Verdict(state="wrong", detail=f"{domain} has no mail server: bounces and answers are lost")


def _tags(record: str) -> dict[str, str]:
    """Return a list of `name=value;` (RFC 6376 §3.2); what is none is left out."""
    pairs = (part.partition("=") for part in record.split(";"))
    return {name.strip(): value.strip() for name, equals, value in pairs if equals}


def _flags(tags: Mapping[str, str], name: str) -> set[str]:
    return {flag.strip().lower() for flag in tags.get(name, "").split(":")}
