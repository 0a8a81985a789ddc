"""`check --mail`: what a receiver will see of us: the DNS of the sending domain, and the ways out."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from functools import partial

from monitor.core.authentication import (
    SPF_LOOKUPS,
    Verdict,
    dmarc_names,
    dmarc_records,
    judge_dkim,
    judge_dmarc,
    judge_mail_servers,
    judge_spf,
    read_spf,
    spf_records,
)
from monitor.net.dns import Resolver
from monitor.parts import sender_of, signer_of
from monitor.settings import Settings


def check_mail(settings: Settings, server: str | None) -> list[tuple[str, Verdict]]:
    """Look up what concerns our mail, and judge it. Raises InputError or ConfigError; a name server's silence is a
    verdict."""
    resolver = Resolver(server)
    domain = sender_of(settings).domain
    looks: dict[str, Callable[[], Awaitable[Verdict]]] = {
        "SPF": partial(_spf, resolver, domain, settings.smtp_host),
        "DKIM": partial(_dkim, resolver, settings),
        "DMARC": partial(_dmarc, resolver, domain, settings.operator or f"postmaster@{domain}"),
    }
    for back in dict.fromkeys((domain, settings.unsubscribe.rpartition("@")[2])):
        looks[f"MX {back}"] = partial(_mail_servers, resolver, back)
    verdicts = asyncio.run(_all(looks.values()))
    return [*zip(looks, verdicts, strict=True), ("one click", _one_click(settings))]


async def _all(looks: Iterable[Callable[[], Awaitable[Verdict]]]) -> list[Verdict]:
    return await asyncio.gather(*(_answered(look) for look in looks))


async def _answered(look: Callable[[], Awaitable[Verdict]]) -> Verdict:
    try:
        return await look()
    except OSError as error:
        return Verdict(state="wrong", detail=str(error))


async def _spf(resolver: Resolver, domain: str, host: str | None) -> Verdict:
    records = spf_records(await resolver.texts(domain))
    lookups, empty = await _costs(resolver, records[:1])
    return judge_spf(domain, records, lookups=lookups, empty=empty, host=host)


async def _costs(resolver: Resolver, records: Iterable[str]) -> tuple[int, list[str]]:
    """Count the look-ups of a record and of all that it leads to, until there are too many; name domains without."""
    waiting = [read_spf(record) for record in records]
    lookups, empty = 0, list[str]()
    while waiting and lookups <= SPF_LOOKUPS:
        spf = waiting.pop()
        lookups += spf.lookups
        for domain in spf.follow:
            found = spf_records(await resolver.texts(domain))
            empty += [] if found else [domain]
            waiting += map(read_spf, found[:1])
    return lookups, empty


async def _dkim(resolver: Resolver, settings: Settings) -> Verdict:
    signer = signer_of(settings)
    if signer is None:
        detail = "we do not sign (MONITOR_DKIM_KEY); the mail server must, with a key of the sender's domain"
        return Verdict(state="note", detail=detail)
    return judge_dkim(signer.name, await resolver.texts(signer.name), signer.public_key)


async def _dmarc(resolver: Resolver, domain: str, reports: str) -> Verdict:
    for name in dmarc_names(domain):
        if records := dmarc_records(await resolver.texts(name)):
            return judge_dmarc(domain, name, records, reports=reports)
    return judge_dmarc(domain, f"_dmarc.{domain}", (), reports=reports)


async def _mail_servers(resolver: Resolver, domain: str) -> Verdict:
    servers = await resolver.mail_servers(domain)
    return judge_mail_servers(domain, servers, has_address=bool(servers) or await resolver.has_address(domain))


def _one_click(settings: Settings) -> Verdict:
    address = settings.base_url
    if address and address.startswith("https://"):
        return Verdict(state="ok", detail=f"readers leave with one click, at {address}")
    detail = f"without an https MONITOR_BASE_URL only the mailto form remains: wishes come to {settings.unsubscribe}"
    return Verdict(state="note", detail=detail)
