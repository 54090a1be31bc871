"""Read files from web servers: over kept connections, within limits, and not for ever.

Whose fault a failure is:

- Status 404 or 410: the photo is missing. Another status that does not ask the client to come back
  is the photo's own failure, and so is a redirect to where no photo can be.
- A host that never answered this process is dead, and its photos are ``unreadable``. After a few
  attempts it is not asked again for some minutes.
- Trouble with a host that did answer (429, 5xx, resets, silence, bodies that break off) is tried
  again. If it lasts, the question is what could be read meanwhile. If it was this host's other
  photos or those of other hosts, the trouble is the photo's or the host's own. If it was nothing,
  the trouble is the network's (:class:`~sparkles.errors.PassingError`), and says nothing about
  the photo. What a throttling host (429, 503) serves besides shows nothing.
"""

from __future__ import annotations

import contextlib
import functools
import ipaddress
import re
import socket
import threading
import time
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import unquote, urljoin
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3 import exceptions as web
from urllib3.util import Url, make_headers, parse_url

from sparkles.choices import StorageReason
from sparkles.errors import DISTRIBUTION, PassingError, StorageError
from sparkles.storage.head import Head, byte_range, total_of
from sparkles.storage.hosts import Host, HostTroubleError, host_of
from sparkles.storage.limits import Deadline, check_size, read_bounded
from sparkles.storage.retry import ATTEMPTS, retry
from sparkles.version import __version__

__all__ = ["http_url", "read_http", "read_http_head"]

_HOME = "https://sparkles.example/"  # as in pyproject.toml
_USER_AGENT = f"{DISTRIBUTION}/{__version__} (+{_HOME})"
_CONNECT_SECONDS, _SILENT_SECONDS = 10.0, 30.0
_HOSTS, _CONNECTIONS = 64, 16  # connections are kept to so many hosts, so many to each
_REDIRECTS, _MOST_REDIRECTS = (301, 302, 303, 307, 308), 10
_THROTTLED = (429, 503)
_BUSY = (*_THROTTLED, 500, 502, 504)  # statuses that may be different at the next attempt
_ATTEMPTS_OF_ONE = 10  # half a minute of waiting, if the trouble is one photo's or one host's
_SMALL = 16_384  # bytes of an error page that are read, so that the connection can be kept

_Read = TypeVar("_Read")
_Use = Callable[[urllib3.BaseHTTPResponse, Deadline], _Read]


def http_url(uri: str) -> str:
    """Return the URL that is requested: percent-encoded where it must be, as browsers do.

    What is encoded already stays. A host's name in another alphabet is encoded, too (IDNA).

    Raises
    ------
    StorageError
        ``unreadable`` if the URI is malformed.

    Examples
    --------
    >>> http_url("https://host/my photos/Grün%20100%.jpg?size=1 2#top")
    'https://host/my%20photos/Gr%C3%BCn%20100%25.jpg?size=1%202'
    """
    return _plain(_parse(uri))


def read_http(uri: str, most: int | None) -> bytes:
    """Read a whole file; see :func:`~sparkles.storage.read_bytes`."""

    def use(answer: urllib3.BaseHTTPResponse, deadline: Deadline) -> bytes:
        check_size(uri, _length(answer), most)
        return read_bounded(answer.read1, uri, most, deadline)

    return _read(uri, use)


def read_http_head(uri: str, size: int) -> Head:
    """Read the first bytes of a file; see :func:`~sparkles.storage.read_head`."""

    def use(answer: urllib3.BaseHTTPResponse, deadline: Deadline) -> Head:
        # A server without ranges sends the whole file.
        ranged = answer.status == 206
        total = total_of(answer.headers.get("Content-Range")) if ranged else _length(answer)
        content = b""
        while len(content) < size and (part := answer.read1(size - len(content))):
            content += part
            deadline.check()
        if total is not None and len(content) < min(size, total):
            raise web.HTTPError(f"only {len(content):,} of {min(size, total):,} bytes came")
        return Head(content, len(content) if total is None else total)

    return _read(uri, use, byte_range(size))


def _read(uri: str, use: _Use[_Read], asked_range: str | None = None) -> _Read:
    host, since = host_of(_parse(uri).netloc or ""), time.monotonic()

    def ask() -> _Read:
        host.check(uri)
        try:
            return _ask(uri, use, asked_range, host)
        except (web.SSLError, web.DecodeError) as error:  # will be the same the next time
            raise StorageError(StorageReason.UNREADABLE, f"{uri}: {error}") from error
        except (web.HTTPError, OSError) as error:
            host.failed(_in_words(error))
            raise HostTroubleError(_in_words(error)) from error

    def attempts(error: BaseException) -> int:
        if not isinstance(error, HostTroubleError) or error.throttled:
            return ATTEMPTS
        return _ATTEMPTS_OF_ONE if host.has_own(error, since) else ATTEMPTS

    try:
        return retry(ask, (HostTroubleError,), attempts)
    except HostTroubleError as error:
        if host.has_own(error, since):
            raise StorageError(StorageReason.UNREADABLE, f"{uri}: {error}") from error
        raise PassingError(f"{uri}: {error}, at each attempt for minutes") from error


def _ask(uri: str, use: _Use[_Read], asked_range: str | None, host: Host) -> _Read:
    """Request a file once, and follow its redirects."""
    deadline, url = Deadline(uri), _parse(uri)
    headers = {"User-Agent": _USER_AGENT, **({"Range": asked_range} if asked_range else {})}
    if url.auth:
        headers |= make_headers(basic_auth=unquote(url.auth))
    for _ in range(_MOST_REDIRECTS):
        # Closed unless it was read to its end, in which case the connection is kept.
        with _request(url, headers, deadline) as answer:
            host.answered(well=answer.status not in _BUSY)
            if answer.status in (200, 206):
                return use(answer, deadline)
            _finish(answer, uri, deadline)
        if answer.status == 416 and asked_range:  # an empty file has no first byte
            return _ask(uri, use, None, host)
        location = answer.headers.get("Location")
        if answer.status not in _REDIRECTS or not location:
            raise _refusal(uri, answer)
        target = _parse(urljoin(_plain(url), location))
        _check_redirect(uri, url, target)
        if target.netloc != url.netloc:
            headers.pop("authorization", None)
        url = target
    raise StorageError(StorageReason.UNREADABLE, f"{uri}: more than {_MOST_REDIRECTS} redirects")


def _request(url: Url, headers: dict[str, str], deadline: Deadline) -> urllib3.BaseHTTPResponse:
    left = deadline.left()
    return _pool(_proxy_for(url)).request(
        "GET",
        _plain(url),
        headers=headers,
        redirect=False,
        retries=False,
        preload_content=False,
        timeout=urllib3.Timeout(
            connect=min(_CONNECT_SECONDS, left), read=min(_SILENT_SECONDS, left)
        ),
    )


def _refusal(uri: str, answer: urllib3.BaseHTTPResponse) -> Exception:
    status = f"HTTP {answer.status} {answer.reason or ''}".strip()
    if answer.status in _BUSY:
        return HostTroubleError(status, throttled=answer.status in _THROTTLED)
    absent = answer.status in (404, 410)
    reason = StorageReason.MISSING if absent else StorageReason.UNREADABLE
    return StorageError(reason, f"{uri}: {status}")


def _finish(answer: urllib3.BaseHTTPResponse, uri: str, deadline: Deadline) -> None:
    """Read the rest of a small error page, so that the connection can be kept."""
    if (_length(answer) or 0) <= _SMALL:
        with contextlib.suppress(web.HTTPError, OSError, StorageError):
            read_bounded(answer.read1, uri, _SMALL, deadline)


def _parse(uri: str) -> Url:
    try:
        # A percent sign that begins no code would make urllib3 encode those that do once more.
        url = parse_url(re.sub("%(?![0-9A-Fa-f]{2})", "%25", uri))
    except (web.LocationValueError, ValueError) as error:
        raise StorageError(StorageReason.UNREADABLE, f"{uri}: {error}") from error
    if not url.host or url.scheme not in ("http", "https"):
        detail = f"{uri}: expected an http or https URI with a host"
        raise StorageError(StorageReason.UNREADABLE, detail)
    return url


def _plain(url: Url) -> str:
    return url._replace(auth=None, fragment=None).url


def _length(answer: urllib3.BaseHTTPResponse) -> int | None:
    given = answer.headers.get("Content-Length") or ""
    return int(given) if given.isdecimal() else None


def _check_redirect(uri: str, source: Url, target: Url) -> None:
    """Refuse to be sent from a public host into this machine's own network.

    A server could otherwise read, through a photo's URI, what only this machine can reach, for
    example a cloud's metadata service.
    """
    if target.host == source.host or not _is_private(target.host or ""):
        return
    if not _is_private(source.host or ""):
        detail = f"{uri}: redirected from a public host to the private address {target.host}"
        raise StorageError(StorageReason.UNREADABLE, detail)


def _is_private(host: str) -> bool:
    """Whether a host has an address that is not of the public internet."""
    try:
        found = socket.getaddrinfo(host.strip("[]"), None)
    except OSError:
        return False  # the request will fail
    return any(not ipaddress.ip_address(str(each[4][0])).is_global for each in found)


def _proxy_for(url: Url) -> str | None:
    return None if proxy_bypass(url.host or "") else getproxies().get(url.scheme or "")


_making = threading.Lock()


def _pool(proxy: str | None) -> urllib3.PoolManager:
    """Return this process's connections; they may be shared between threads."""
    with _making:
        return _make_pool(proxy)


@functools.cache
def _make_pool(proxy: str | None) -> urllib3.PoolManager:
    if proxy:
        return urllib3.ProxyManager(proxy, num_pools=_HOSTS, maxsize=_CONNECTIONS)
    return urllib3.PoolManager(num_pools=_HOSTS, maxsize=_CONNECTIONS)


def _in_words(error: Exception) -> str:
    if isinstance(error, web.NameResolutionError):
        return "the host's name is unknown"
    if isinstance(error, web.NewConnectionError) and isinstance(error.__cause__, OSError):
        return error.__cause__.strerror or str(error.__cause__)
    if isinstance(error, web.ConnectTimeoutError):
        return f"no connection within {_CONNECT_SECONDS:g} s"
    if isinstance(error, web.ReadTimeoutError):
        return f"silent for {_SILENT_SECONDS:g} s"
    return str(error)
