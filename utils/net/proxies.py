"""Which proxy stands between this machine and an address, as the environment or the system's settings say.

httpx can read these itself, but it also sends what is meant for this very machine to the proxy, and gives up at values
that are in use everywhere: `ALL_PROXY=socks://…` (GNOME), `NO_PROXY=[::1]`, `NO_PROXY=fd07::/64` (OrbStack).
"""

import ipaddress
import re
from contextlib import suppress
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

_SCHEMES = {"http": "http", "https": "https", "socks": "socks5", "socks5": "socks5", "socks5h": "socks5h"}


class BadProxy(ValueError):
    """The environment names a proxy that can't be used; the message names the variable, and never its password."""


def host_of(address: str | httpx.URL) -> str:
    """Return the host of an address as it goes over the wire, for instance xn--bcher-kva.de.

    `URL.host` turns it back into letters, and raises `IDNAError` where that can't be done.
    Raises: httpx.InvalidURL.
    """
    return httpx.URL(address).raw_host.decode("ascii")


def is_loopback(host: str) -> bool:
    name = host.strip("[]").rstrip(".").lower().partition("%")[0]
    if name == "localhost" or name.endswith(".localhost"):
        return True
    with suppress(ValueError):
        address = ipaddress.ip_address(name)
        inner = getattr(address, "ipv4_mapped", None) or address
        return bool(inner.is_loopback or inner.is_unspecified)
    return False


def proxy_for(url: str | httpx.URL) -> httpx.Proxy | None:
    """Return the proxy that an address is asked through; None for this machine, and for what NO_PROXY names.

    Raises: BadProxy, httpx.InvalidURL.
    """
    url = httpx.URL(url)
    if is_loopback(host_of(url)):
        return None
    found = getproxies()
    kind = url.scheme if found.get(url.scheme) else "all"
    if not found.get(kind) or _is_excepted(url, found.get("no", "")) or _bypasses(host_of(url)):
        return None
    return _proxy(found[kind], f"{kind.upper()}_PROXY")


def _proxy(text: str, variable: str) -> httpx.Proxy:
    """Return the proxy that a variable holds; without a scheme it is an HTTP proxy. Raises: BadProxy."""
    scheme, _, rest = text.strip().rpartition("://")
    known = _SCHEMES.get(scheme.lower() or "http")
    if known is None:
        raise BadProxy(f"{variable} names a proxy of the kind “{scheme}”, which bnaGPT can't use.")
    try:
        urlsplit(f"{known}://{rest}")  # which is stricter about brackets
        proxy = httpx.Proxy(f"{known}://{rest}")
    except (httpx.InvalidURL, ValueError) as error:
        raise BadProxy(f"{variable} does not hold the address of a proxy.") from error
    if not host_of(proxy.url):
        raise BadProxy(f"{variable} does not hold the address of a proxy.")
    return proxy


def _is_excepted(url: httpx.URL, no_proxy: str) -> bool:
    """Whether NO_PROXY names a host: by name, with its subdomains, by address, or in a network.

    Source: https://about.gitlab.com/blog/we-need-to-talk-no-proxy/, for what programs agree on.
    """
    return any(_names(entry, url) for entry in re.split(r"[,\s]+", no_proxy) if entry)


def _names(entry: str, url: httpx.URL) -> bool:
    """Whether one entry of NO_PROXY is about a host."""
    entry = entry.rpartition("://")[2].lower()
    if entry == "*":
        return True
    name, port = _apart(entry)
    if port and port != str(url.port or {"http": 80, "https": 443}.get(url.scheme)):
        return False
    host = host_of(url).rstrip(".").lower()
    with suppress(ValueError):
        return ipaddress.ip_address(host) in ipaddress.ip_network(name, strict=False)
    name = name.removeprefix("*").strip(".")
    return bool(name) and (host == name or host.endswith(f".{name}"))


def _apart(entry: str) -> tuple[str, str]:
    """Return the host and the port of an entry; an IPv6 address has a port only behind brackets."""
    if match := re.fullmatch(r"\[([^]]*)\](/\d+)?(?::(\d+))?", entry):
        return match[1] + (match[2] or ""), match[3] or ""
    if match := re.fullmatch(r"([^:]+):(\d+)", entry):
        return match[1], match[2]
    return entry, ""


def _bypasses(host: str) -> bool:
    """Whether the system's own settings (macOS, Windows) except a host."""
    with suppress(OSError, ValueError):
        return bool(proxy_bypass(host))
    return False
