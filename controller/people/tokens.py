"""Authentication: whose request it is, by a JSON Web Token that an identity provider has signed (RFC 7519).

Cloudflare Access sends one with each request, in the header `Cf-Access-Jwt-Assertion`
(https://developers.cloudflare.com/cloudflare-one/access-controls/applications/http-apps/authorization-cookie/validating-json/).
OpenID Connect tells where its keys are by discovery (https://openid.net/specs/openid-connect-discovery-1_0.html).
"""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import jwt
from jwt import PyJWKClient, PyJWKClientConnectionError
from jwt.exceptions import PyJWTError

from model.errors import NotSignedIn, SignInUnreachable
from utils.net.client import get
from utils.net.proxies import BadProxy
from utils.threads.once import once

LEEWAY_S = 60  # by which two clocks may differ
COOLDOWN_S = 10  # between two requests for keys, whatever tokens name: a stranger may make up as many as they like
KEYS_LIFESPAN_S = 3600
TIMEOUT_S = 5.0
LONGEST_TOKEN = 16_384
_ADDRESS = re.compile(r"[^@\s\x00-\x1f\x7f]{1,64}@[^@\s\x00-\x1f\x7f/\\]{1,255}")


class SigningKeys(PyJWKClient):
    """The public keys of an identity provider, by their `kid`, fetched again where a new one is named.

    A provider that can't be reached is not asked more often than one that can.
    """

    def __init__(self, url: str) -> None:
        super().__init__(url, lifespan=KEYS_LIFESPAN_S, cooldown_duration=COOLDOWN_S)
        self._failed_at_s = -float("inf")

    def fetch_data(self) -> Any:
        """Return the key set as the provider published it.

        Raises: PyJWKClientConnectionError.
        """
        if time.monotonic() - self._failed_at_s < COOLDOWN_S:
            raise PyJWKClientConnectionError("The keys could not be fetched a moment ago.")
        try:
            keys = _json_of(self.uri)
        except (httpx.HTTPError, httpx.InvalidURL, BadProxy, ValueError) as error:
            self._failed_at_s = time.monotonic()
            raise PyJWKClientConnectionError(str(error)) from error
        if self.jwk_set_cache is not None:
            self.jwk_set_cache.put(self._as_jwk_set_payload(keys))
        self._last_successful_fetch = time.monotonic()
        return keys


@dataclass(frozen=True)
class TokenVerifier:
    """What a token must say to be believed."""

    keys: SigningKeys
    issuer: str
    audience: str
    algorithms: tuple[str, ...] = ("RS256",)

    def email(self, token: str) -> str:
        """Return the address of the person whom a token stands for, in small letters.

        Raises: NotSignedIn, always in the same words; SignInUnreachable.
        """
        try:
            if len(token) > LONGEST_TOKEN:
                raise NotSignedIn()
            claims = jwt.decode(
                token,
                self.keys.get_signing_key(_key_id(token)),
                algorithms=self.algorithms,
                audience=self.audience,
                issuer=self.issuer,
                leeway=LEEWAY_S,
                options={"require": ["exp", "iss", "aud", "email"]},
            )
        except PyJWKClientConnectionError as error:
            raise SignInUnreachable() from error
        # Tokens are strangers' text, and libraries raise more than they document for the oddest.
        except (PyJWTError, ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
            raise NotSignedIn() from error
        return address_in(claims)


def _key_id(token: str) -> str:
    """Return which key a token names; an algorithm or an address of keys that it names is not heeded."""
    kid = jwt.get_unverified_header(token).get("kid")
    if not isinstance(kid, str) or not kid:
        raise NotSignedIn()
    return kid


def address_in(claims: Mapping[str, Any]) -> str:
    """Return the address among what an identity provider says of a person.

    Raises: NotSignedIn where there is none, or one of which the provider says that nobody has verified it.
    """
    email = claims.get("email")
    if not isinstance(email, str) or not is_address(email) or claims.get("email_verified", True) is not True:
        raise NotSignedIn()
    return email.lower()


def is_address(email: str) -> bool:
    return bool(_ADDRESS.fullmatch(email))


def is_allowed(email: str, allowed: tuple[str, ...]) -> bool:
    """Return whether an address is one of these, which may be addresses, domains with an “@” in front, or “*”."""
    _, _, domain = email.rpartition("@")
    return any(one in (email, f"@{domain}", "*") for one in map(str.lower, allowed))


def cloudflare_verifier(team: str, audience: str) -> TokenVerifier:
    """Return what verifies tokens of Cloudflare Access; `team` is the address of the team's domain."""
    return TokenVerifier(SigningKeys(f"{team}/cdn-cgi/access/certs"), team, audience)


class DiscoveredVerifier:
    """Verifies tokens of an OpenID Connect provider, which tells at a known address where its keys are."""

    def __init__(self, metadata_url: str, audience: str) -> None:
        self.metadata_url = metadata_url
        self.audience = audience

    def email(self, token: str) -> str:
        """Return the address of the person whom a token stands for; see TokenVerifier."""
        return self._verifier.email(token)

    @once
    def _verifier(self) -> TokenVerifier:
        try:
            told = _json_of(self.metadata_url)
            return TokenVerifier(SigningKeys(told["jwks_uri"]), told["issuer"], self.audience, ("RS256", "ES256"))
        except (httpx.HTTPError, httpx.InvalidURL, BadProxy, PyJWTError, ValueError, TypeError, KeyError) as error:
            raise SignInUnreachable() from error


def _json_of(url: str) -> Any:
    """Return what an address answers; raises httpx.HTTPError, httpx.InvalidURL, BadProxy, ValueError."""
    return get(url, TIMEOUT_S).raise_for_status().json()
