"""Whose request it is: tokens that are believed, and those that are not."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from controller.people import tokens
from controller.people.tokens import DiscoveredVerifier, TokenVerifier, address_in, cloudflare_verifier, is_allowed
from model.errors import NotSignedIn, SignInUnreachable
from tests.access_server import AUDIENCE, AccessServer
from tests.hostile_tokens import hostile_tokens


@pytest.fixture
def access() -> Iterator[AccessServer]:
    with AccessServer() as server:
        yield server


@pytest.fixture
def verifier(access: AccessServer) -> TokenVerifier:
    return cloudflare_verifier(access.url, AUDIENCE)


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
