"""What urllib, requests and httpx fetch; `from urllib.request import urlopen` long before is seen too."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from blake3 import blake3

from celltrail.flavors.opened import Made, Opened, Openers, web_details

_SENDING = frozenset({"PUT", "PATCH", "DELETE"})


def _of_urllib(call: Made) -> Iterable[Opened]:
    """`OpenerDirector.open(self, fullurl, …)`, which `urlopen` and `urlretrieve` call, and each redirection."""
    told = call.argument(1, "fullurl")
    url = told if isinstance(told, str) else getattr(told, "full_url", None)
    method = "GET" if isinstance(told, str) else told.get_method()
    return [Opened(url, _mode(method), {**web_details(getattr(call.result, "headers", None)), **_method(method)})]


def _of_requests(call: Made) -> Iterable[Opened]:
    """`Session.send(self, request, **kwargs)`; the content is in memory unless it is streamed."""
    request = call.argument(1, "request")
    return _answered(request.url, request.method, call.result)


def _of_httpx(call: Made) -> Iterable[Opened]:
    """`Client.send(self, request, …)` and its twin that is awaited."""
    request = call.argument(1, "request")
    return _answered(str(request.url), request.method, call.result)


def _answered(url: str, method: str, answer: Any) -> list[Opened]:
    if answer.status_code >= 400:
        return []  # an error page is nobody's data
    details, content = {**web_details(answer.headers), **_method(method)}, getattr(answer, "_content", None)
    if isinstance(content, bytes) and method == "GET":
        details |= {"digest": blake3(content, max_threads=1).hexdigest(), "size_bytes": len(content)}
    return [Opened(url, _mode(method), details)]


def _mode(method: str) -> Any:
    return "write" if method in _SENDING else "read"


def _method(method: str) -> dict[str, str]:
    return {} if method == "GET" else {"method": method}


OPENERS = (
    Openers("urllib.request", {"OpenerDirector.open": _of_urllib}),
    Openers("requests.sessions", {"Session.send": _of_requests}),
    Openers("httpx._client", {"Client.send": _of_httpx, "AsyncClient.send": _of_httpx}),
)
