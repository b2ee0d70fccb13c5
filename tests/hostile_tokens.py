"""Tokens that are forged, cut, exchanged or out of date, for whoever takes those of `AccessServer`."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import jwt

from tests.access_server import AccessServer, public_pem, rsa_key


def hostile_tokens(access: AccessServer) -> dict[str, str]:
    """Return tokens that must open nothing, each with what is wrong with it."""
    now_s = int(time.time())
    good = access.token()
    claims, kid = _claims_of(good), access.kid
    head, body, signature = good.split(".")
    other = rsa_key(-1)
    hidden = access.token("ann@example.org\n")
    return {
        "none": _unsigned({"alg": "none", "kid": kid}, claims),
        "None, in capitals": _unsigned({"alg": "NoNe", "kid": kid}, claims),
        "no algorithm": _unsigned({"kid": kid}, claims),
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
        "body exchanged": f"{head}.{_claims_as_sent(claims | {'email': 'eve@example.org'})}.{signature}",
        "cut": f"{head}.{body}.{signature[:-8]}",
        "no signature": f"{head}.{body}.",
        "a header that is a list": _unsigned([], claims),
        "a deep header": _unsigned(b'{"alg": "RS256", "kid": ' + b"[" * 5_000 + b"]" * 5_000 + b"}", claims),
        "not ASCII": "ä.ö.ü",
        "critical": access.signed(claims, crit=["x"], x=1),
    }


def _unsigned(header: Any, claims: dict[str, Any], signature: bytes = b"") -> str:
    """Return a token as anyone can make it; a header that is bytes is taken as it is."""
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    parts = (head, json.dumps(claims).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def _claims_as_sent(claims: dict[str, Any]) -> str:
    return _unsigned({}, claims).split(".")[1]


def _claims_of(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})


def _hmac_signed(header: dict[str, Any], claims: dict[str, Any], secret: bytes) -> str:
    signed = _unsigned(header, claims).rpartition(".")[0]
    digest = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"
