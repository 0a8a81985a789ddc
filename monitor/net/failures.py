"""What went wrong in a fetch, told as a Failure: the exception's class decides, and no secret gets into the words."""

import ssl
from collections.abc import Callable

import aiohttp
from aiohttp.http import HttpProcessingError
from yarl import URL

from monitor.core.model import Failure, FailureKind, Proxy
from monitor.net.addresses import AddressError
from monitor.net.decompress import EncodingError
from monitor.net.replies import FailedError

_DETAIL_MAX = 200


def explain(error: Exception, proxy: Proxy | None) -> Failure:
    """Tell an exception as a failure, and whether it was the proxy's, if there is one."""
    cause = getattr(error, "os_error", error)
    if isinstance(cause, FailedError):
        return cause.failure
    at_proxy = proxy is not None and _is_of(proxy, error)
    whose = "the proxy: " if at_proxy else ""
    for types, kind, words in _EXPLANATIONS:
        if isinstance(cause, types) or isinstance(error, types):
            return Failure(
                kind=kind,
                detail=_line(whose + (words if isinstance(words, str) else words(cause))),
                status=error.status if isinstance(error, aiohttp.ClientHttpProxyError) else None,
                of_proxy=at_proxy or isinstance(error, aiohttp.ClientHttpProxyError),
            )
    return Failure(kind=FailureKind.INTERNAL, detail=f"unforeseen {type(error).__name__}")


def _is_of(proxy: Proxy, error: Exception) -> bool:
    return isinstance(error, aiohttp.ClientConnectorError) and error.host == URL(proxy.url).raw_host


def _line(text: str) -> str:
    return " ".join(text.split())[:_DETAIL_MAX]


def _tls_words(error: BaseException) -> str:
    inner = getattr(error, "certificate_error", error)
    reason = getattr(inner, "verify_message", None) or getattr(inner, "reason", None) or type(inner).__name__
    return f"no trusted TLS connection: {reason}"


def _http_words(error: BaseException) -> str:
    # Only the parser's own words: what it quotes after them came from the server.
    message = str(getattr(error, "message", "")).partition(":")[0].partition("\n")[0]
    return f"the reply is not valid HTTP: {message}" if message else "the reply is not valid HTTP"


def _os_words(error: BaseException) -> str:
    return f"no connection: {getattr(error, 'strerror', None) or type(error).__name__}"


def _proxy_words(error: BaseException) -> str:
    return f"the proxy refuses: HTTP {getattr(error, 'status', '')}"


_EXPLANATIONS: tuple[tuple[tuple[type[BaseException], ...], FailureKind, str | Callable[[BaseException], str]], ...] = (
    ((AddressError,), FailureKind.ADDRESS, str),
    ((aiohttp.InvalidURL,), FailureKind.ADDRESS, "the address is malformed"),
    ((EncodingError,), FailureKind.ENCODING, str),
    ((aiohttp.ClientConnectorDNSError,), FailureKind.DNS, "the host name does not resolve"),
    ((ssl.SSLError, aiohttp.ClientSSLError), FailureKind.TLS, _tls_words),
    ((aiohttp.ConnectionTimeoutError,), FailureKind.CONNECT, "no connection in time"),
    ((TimeoutError,), FailureKind.TIMEOUT, "the host does not answer"),
    ((aiohttp.ClientHttpProxyError,), FailureKind.CONNECT, _proxy_words),
    ((aiohttp.ClientResponseError, HttpProcessingError), FailureKind.BROKEN, _http_words),
    ((aiohttp.ClientPayloadError,), FailureKind.BROKEN, "the reply breaks off"),
    ((aiohttp.ServerDisconnectedError,), FailureKind.BROKEN, "the server closed the connection without a reply"),
    ((aiohttp.ClientConnectorError,), FailureKind.CONNECT, _os_words),
    ((ConnectionResetError, BrokenPipeError), FailureKind.BROKEN, "the connection was reset"),
    ((aiohttp.ClientError, OSError), FailureKind.CONNECT, _os_words),
)
