"""Which addresses of the web may be asked: http or https, and all that a name leads to is on the public internet.

Whoever can name an address for this program to open could name the router or the cloud's own metadata.
"""

import ipaddress
import re
import socket
from collections.abc import Callable

import httpx

from utils.net.proxies import host_of

# A name and a port to the numeric addresses it leads to.
Resolver = Callable[[str, int], list[str]]

MAX_ADDRESS_CHARS = 2048
_PORTS = {"http": 80, "https": 443}
# Characters on which programs disagree where the name of a host ends.
_AMBIGUOUS = re.compile(r"[\x00-\x20\x7f-\xa0\\<>\"`{}|^\u200b-\u200f\u2028-\u202e\ufeff]")
# Left out by Python's own lists, or global there only since some version.
_CLOSED_V4 = tuple(map(ipaddress.IPv4Network, ("192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "240.0.0.0/4")))
# In all of IPv6 only 2000::/3 is given to hosts. Inside it, Teredo and 6to4 carry an IPv4 address: no site lives there.
_OPEN_V6 = ipaddress.IPv6Network("2000::/3")
_CLOSED_V6 = tuple(map(ipaddress.IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3ffe::/16", "3fff::/20")))
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def parse_address(text: str, allowed: frozenset[str] = frozenset()) -> httpx.URL:
    """Return an address that may be looked up; `allowed` holds host:port pairs that may have any port.

    Raises: ValueError when it is no address of the web, PermissionError when it is one that may not be opened.
    """
    if _AMBIGUOUS.search(text) or len(text) > MAX_ADDRESS_CHARS:
        raise ValueError("This is not a web address: it holds characters that have no place in one, or is too long.")
    try:
        url = httpx.URL(text).copy_with(fragment=None)
        host = url.host  # a name such as xn-- is only now found to be none
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise ValueError("This is not a web address.") from error
    if url.scheme not in _PORTS or not host.strip(".") or "%" in host:
        raise ValueError("Only addresses that begin with http:// or https:// and name a host can be opened.")
    if url.userinfo or "@" in re.split("[/?#]", text.partition("://")[2])[0]:
        raise PermissionError("An address with a name or a password in it is not opened.")
    _check_host(url.raw_host.decode("ascii"))
    if url.port not in (None, 80, 443) and host_and_port(url) not in allowed:
        raise PermissionError(f"Port {url.port} is not opened: only the web's own ports, 80 and 443, are.")
    return url


def host_and_port(url: httpx.URL) -> str:
    host = host_of(url).lower()
    return f"[{host}]:{_port(url)}" if ":" in host else f"{host}:{_port(url)}"


def resolve(url: httpx.URL, allowed: frozenset[str], resolver: Resolver) -> list[str]:
    """Return the numeric addresses that a URL leads to.

    Raises: PermissionError when one of them is not public, unless host and port are allowed; ConnectionError when there
    are none.
    """
    host = url.raw_host.decode("ascii")
    try:
        addresses = resolver(host, _port(url))
    except (OSError, UnicodeError) as error:
        raise ConnectionError(f"{host} was not found. Is the address right, and is this machine online?") from error
    if not addresses:
        raise ConnectionError(f"{host} was not found.")
    if host_and_port(url) not in allowed and not all(map(is_public, addresses)):
        raise PermissionError(f"{host} is not on the public internet, so it is not opened.")
    return addresses


def system_resolver(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


def is_public(address: str) -> bool:
    """Return whether a numeric address belongs to a host on the public internet."""
    try:
        place = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(place, ipaddress.IPv4Address):
        return _is_public_v4(place)
    if inner := place.ipv4_mapped or (_low_bits(place) if place in _NAT64 else None):
        return _is_public_v4(inner)
    return place in _OPEN_V6 and place.is_global and not any(place in network for network in _CLOSED_V6)


def _is_public_v4(place: ipaddress.IPv4Address) -> bool:
    return place.is_global and not place.is_multicast and not any(place in network for network in _CLOSED_V4)


def _low_bits(place: ipaddress.IPv6Address) -> ipaddress.IPv4Address:
    return ipaddress.IPv4Address(int(place) & 0xFFFFFFFF)


def _port(url: httpx.URL) -> int:
    return url.port or _PORTS[url.scheme]


def _check_host(host: str) -> None:
    """Refuse numbers that only some programs take for an address, such as 2130706433, 0x7f.1 or 0177.0.0.1.

    Raises: ValueError.
    """
    try:
        if ":" in host:
            ipaddress.IPv6Address(host)
        elif re.fullmatch(r"\d+|0x[0-9a-f]*", host.lower().rstrip(".").rpartition(".")[2]):
            ipaddress.IPv4Address(host)
    except ValueError as error:
        raise ValueError("This is not a web address: it writes a number in an unusual way.") from error
