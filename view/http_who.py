"""Who asks the HTTP API: a key's owner, this machine, or a page of another site.

Read next: `view/http_api.py`.
"""

import hashlib
import hmac
from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")


def is_known(key: str, keys: tuple[str, ...]) -> bool:
    """Tell whether a key is one of those in the settings, in a time that tells nothing of them."""
    digest = digest_of(key)
    # All are compared, also behind the one that fits.
    return sum(hmac.compare_digest(digest, known) for known in keys) > 0


def key_of(headers: Headers) -> str:
    """Return the key that a request brings; "" when it brings none."""
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "")


def foreign(asked: HTTPConnection, origins: tuple[str, ...]) -> str:
    """Return why a request is not from this machine's own hand; "" when it is."""
    hosts, origin = asked.headers.getlist("host"), asked.headers.get("origin")
    host = hosts[0] if len(hosts) == 1 else ""
    if not is_loopback(asked.client.host if asked.client else ""):
        return "Without API_KEYS in .env, only this machine may ask."
    if host_name(host) not in LOCAL_NAMES:  # a name of another's that leads here: DNS rebinding
        return "Without API_KEYS in .env, the host has to be localhost or 127.0.0.1."
    own = (f"http://{host}", f"https://{host}")
    if origin is not None and origin not in (*own, *origins):
        return "Pages of other sites may not ask. API_ORIGINS in .env names those that may."
    return ""


def host_name(host: str) -> str:
    """Return a Host header without its port."""
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host).lower()


def is_loopback(address: str) -> bool:
    """Tell whether an address is this machine's own."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback


def client_of(asked: HTTPConnection) -> str:
    """Return what stands for a client: its key, else its address."""
    key = key_of(asked.headers)
    return (
        hashlib.sha256(key.encode("utf-8", "replace")).hexdigest() if key else str(asked.client and asked.client.host)
    )


def digest_of(key: str) -> str:
    """Return a key's SHA-256 in hexadecimal."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
