"""What a feed's requests carry beside its address: headers, a sign-in, cookies, the way through a proxy."""

from base64 import b64encode
from collections.abc import Iterator, Mapping

from monitor.config.models import DefaultsSection, FeedSection, ProxySection
from monitor.config.positions import Document, Location
from monitor.config.variables import COOKIE, HEADER, PASSWORD, USER, Alphabet, filled_in, seems_unbraced
from monitor.config.wording import quoted
from monitor.core.model import Proxy
from monitor.errors import Finding

_MAPPINGS = {"headers": HEADER, "cookies": COOKIE}
_SIGN_INS = ("auth", "proxy")
_SIGN_IN = {"user": USER, "password": PASSWORD}


def unset_variables(
    document: Document, location: Location, section: object, environ: Mapping[str, str]
) -> Iterator[Finding]:
    """Find each value of a feed, or of `defaults`, whose variable is not set or does not fit."""
    if not isinstance(section, dict):
        return
    for key, name, value, alphabet in _values(section):
        try:
            filled_in(value, environ, alphabet)
        except ValueError as error:
            yield document.at_value((*location, key, name), f"{quoted(name)} {error}")


def unbraced_variables(
    document: Document, location: Location, section: object, environ: Mapping[str, str]
) -> Iterator[Finding]:
    """Find each value of a feed, or of `defaults`, that seems to mean a variable and is sent as it stands."""
    for key, name, value, _ in _values(section if isinstance(section, dict) else {}):
        if seems_unbraced(value, environ):
            yield document.at_value((*location, key, name), f"{quoted(name)} {_UNBRACED}")


_UNBRACED = "holds a $ before a name; only ${NAME} is replaced, with its braces, so this is sent as it stands"


def _values(section: Mapping[str, object]) -> Iterator[tuple[str, str, str, Alphabet]]:
    for key in (*_MAPPINGS, *_SIGN_INS):
        part = section.get(key)
        for name, value in part.items() if isinstance(part, dict) else ():
            alphabet = _MAPPINGS.get(key) or _SIGN_IN.get(name)
            if alphabet:
                yield key, str(name), str(value), alphabet


def headers_of(
    section: FeedSection, defaults: DefaultsSection, environ: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    """Return a feed's request headers: those of `defaults`, its own over them, its sign-in and its cookies."""
    given = {name: filled_in(value, environ, HEADER) for name, value in section.headers.items()}
    if section.auth:
        given["Authorization"] = _basic(section.auth.user, section.auth.password, environ)
    if section.cookies:
        pairs = (f"{name}={filled_in(value, environ, COOKIE)}" for name, value in section.cookies.items())
        given["Cookie"] = "; ".join(pairs)
    replaced = {name.lower() for name in given}
    kept = {name: value for name, value in defaults.headers.items() if name.lower() not in replaced}
    return tuple({name: filled_in(value, environ, HEADER) for name, value in kept.items()}.items()) + tuple(
        given.items()
    )


def proxy_of(section: ProxySection | None, environ: Mapping[str, str]) -> Proxy | None:
    """Return the proxy, with its sign-in as it is sent."""
    if section is None:
        return None
    if section.user is None:
        return Proxy(url=section.url)
    return Proxy(url=section.url, authorization=_basic(section.user, section.password or "", environ))


def _basic(user: str, password: str, environ: Mapping[str, str]) -> str:
    """Return a Basic sign-in (RFC 7617), in UTF-8."""
    pair = f"{filled_in(user, environ, USER)}:{filled_in(password, environ, PASSWORD)}"
    return f"Basic {b64encode(pair.encode()).decode()}"
