"""Whose request it is: tokens that are believed, and those that are not."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest

from controller.people import tokens
from controller.people.tokens import DiscoveredVerifier, TokenVerifier, address_in, cloudflare_verifier, is_allowed
from model.errors import NotSignedIn, SignInUnreachable
from tests.access_server import AUDIENCE, AccessServer, public_pem, rsa_key


@pytest.fixture
def access() -> Iterator[AccessServer]:
    with AccessServer() as server:
        yield server


@pytest.fixture
def verifier(access: AccessServer) -> TokenVerifier:
    return cloudflare_verifier(access.url, AUDIENCE)


def unsigned(header: Any, claims: dict[str, Any], signature: bytes = b"") -> str:
    """Return a token as anyone can make it; a header that is bytes is taken as it is."""
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    parts = (head, json.dumps(claims).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def claims_as_sent(claims: dict[str, Any]) -> str:
    return unsigned({}, claims).split(".")[1]


def claims_of(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})


def test_a_token_tells_whose_request_it_is_in_small_letters(access: AccessServer, verifier: TokenVerifier):
    assert verifier.email(access.token("Ann.Example@Example.ORG")) == "ann.example@example.org"


def test_keys_are_asked_for_once(access: AccessServer, verifier: TokenVerifier):
    for _ in range(20):
        verifier.email(access.token())
    assert access.fetches == 1


def test_a_key_that_is_new_is_fetched_without_a_restart(
    access: AccessServer, verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch
):
    verifier.email(access.token())
    before = access.token("bob@example.org")
    access.rotate()
    monkeypatch.setattr(verifier.keys, "cooldown_duration", 0)
    assert verifier.email(access.token("carl@example.org")) == "carl@example.org"
    assert verifier.email(before) == "bob@example.org"  # who signed in before stays so
    assert access.fetches == 2


def test_keys_that_are_made_up_do_not_make_bnagpt_ask_again_and_again(access: AccessServer, verifier: TokenVerifier):
    verifier.email(access.token())
    for number in range(20):
        with pytest.raises(NotSignedIn):
            verifier.email(access.signed({"email": "ann@example.org"}, kid=f"made-up-{number}"))
    assert access.fetches == 1


def test_a_provider_that_is_away_is_not_asked_again_at_once_and_is_no_refusal(
    access: AccessServer, verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch
):
    access.status = 503
    for _ in range(5):
        with pytest.raises(SignInUnreachable):
            verifier.email(access.token())
    assert access.fetches == 1
    access.status = 200
    monkeypatch.setattr(tokens, "COOLDOWN_S", 0)
    assert verifier.email(access.token()) == "ann@example.org"


def test_keys_that_are_known_serve_while_the_provider_is_away(access: AccessServer, verifier: TokenVerifier):
    verifier.email(access.token())
    access.status = 503
    assert verifier.email(access.token("bob@example.org")) == "bob@example.org"


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"keys": []}', b'{"keys": [{"kty": "RSA"}]}', b"\xff", b"[" * 9999]
)
def test_keys_that_are_none_open_nothing(access: AccessServer, verifier: TokenVerifier, body: bytes):
    access.body = body
    with pytest.raises((NotSignedIn, SignInUnreachable)):
        verifier.email(access.token())


def hostile_tokens(access: AccessServer) -> dict[str, str]:
    now_s = int(time.time())
    good = access.token()
    claims, kid = claims_of(good), access.kid
    head, body, signature = good.split(".")
    other = rsa_key(-1)
    hidden = access.token("ann@example.org\n")
    return {
        "none": unsigned({"alg": "none", "kid": kid}, claims),
        "None, in capitals": unsigned({"alg": "NoNe", "kid": kid}, claims),
        "no algorithm": unsigned({"kid": kid}, claims),
        # PyJWT refuses to sign with a public key, so the signature is made by hand.
        "the public key as a secret": _hmac_signed({"alg": "HS256", "kid": kid}, claims, public_pem(rsa_key(1))),
        "another key": access.signed(claims, key=other),
        "another key, sent along": access.signed(
            claims, key=other, jwk=json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(other.public_key()))
        ),
        "another key, by address": access.signed(claims, key=other, jku="http://127.0.0.1:1/keys"),
        "RS512": access.signed(claims, algorithm="RS512"),
        "PS256": access.signed(claims, algorithm="PS256"),
        "foreign audience": access.token(aud=["another"]),
        "no audience": access.token(aud=None),
        "foreign issuer": access.token(iss="https://evil.example"),
        "issuer with a tail": access.token(iss=f"{access.url}.evil.example"),
        "no issuer": access.token(iss=None),
        "expired": access.token(exp=now_s - 61),
        "no end": access.token(exp=None),
        "endless": access.token(exp=float("inf")),
        "an end that is a word": access.token(exp="tomorrow"),
        "not yet": access.token(nbf=now_s + 90),
        "empty kid": access.signed(claims, kid=""),
        "kid like a path": access.signed(claims, kid="../../../../dev/null"),
        "no address": access.token(None),
        "an address that is a list": access.token(["ann@example.org"]),  # type: ignore[arg-type]
        "an address that is none": access.token("ann"),
        "an address like a path": access.token("../x@../../y"),
        "an address with a line break": hidden,
        "huge": access.token(x="a" * 100_000),
        "empty": "",
        "dots": "...",
        "no JSON": "e30.!.!",
        "body exchanged": f"{head}.{claims_as_sent(claims | {'email': 'eve@example.org'})}.{signature}",
        "cut": f"{head}.{body}.{signature[:-8]}",
        "no signature": f"{head}.{body}.",
        "a header that is a list": unsigned([], claims),
        "a deep header": unsigned(b'{"alg": "RS256", "kid": ' + b"[" * 5_000 + b"]" * 5_000 + b"}", claims),
        "not ASCII": "ä.ö.ü",
        "critical": access.signed(claims, crit=["x"], x=1),
    }


def _hmac_signed(header: dict[str, Any], claims: dict[str, Any], secret: bytes) -> str:
    signed = unsigned(header, claims).rpartition(".")[0]
    digest = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


def test_hostile_tokens_open_nothing_and_learn_nothing(access: AccessServer, verifier: TokenVerifier):
    told = set()
    for name, token in hostile_tokens(access).items():
        with pytest.raises(NotSignedIn) as caught:
            pytest.fail(f"{name} opened as {verifier.email(token)}")
        told.add((caught.value.message, caught.value.hint))
    assert len(told) == 1
    assert access.fetches == 1


def test_a_minute_of_difference_between_clocks_is_let_pass(access: AccessServer, verifier: TokenVerifier):
    now_s = int(time.time())
    assert verifier.email(access.token(exp=now_s - 20, nbf=now_s + 20, iat=now_s + 20))


def test_discovery_tells_where_the_keys_of_openid_connect_are(access: AccessServer):
    verifier = DiscoveredVerifier(access.metadata_url, AUDIENCE)
    assert verifier.email(access.token("Ann@example.org")) == "ann@example.org"
    with pytest.raises(NotSignedIn):
        verifier.email(access.token(email_verified=False))


def test_a_discovery_that_failed_is_tried_again(access: AccessServer):
    verifier = DiscoveredVerifier(access.metadata_url, AUDIENCE)
    access.status = 500
    with pytest.raises(SignInUnreachable):
        verifier.email(access.token())
    access.status = 200
    assert verifier.email(access.token()) == "ann@example.org"


def test_who_may_come_in_is_named_by_address_domain_or_all():
    assert is_allowed("ann@example.org", ("Ann@Example.org",))
    assert is_allowed("ann@example.org", ("@example.org",))
    assert is_allowed("ann@example.org", ("*",))
    for allowed in ((), ("bob@example.org",), ("@ample.org",), ("example.org",), ("@sub.example.org",)):
        assert not is_allowed("ann@example.org", allowed)
    assert not is_allowed("ann@evil-example.org", ("@example.org",))


@pytest.mark.parametrize(
    "email", [None, 5, "", "@", "a@", "@b", "a b@c", "a@b@c", "a@b/c", "a@b\\c", "a" * 65 + "@b", "a@b\x00"]
)
def test_what_is_no_address_is_nobodys(email: Any):
    with pytest.raises(NotSignedIn):
        address_in({"email": email})
