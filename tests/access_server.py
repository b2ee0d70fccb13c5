"""A scripted identity provider: it publishes signing keys as Cloudflare Access and OpenID Connect do, and signs tokens.

with AccessServer() as access:
    token = access.token("ann@example.org")
    access.rotate()
"""

import json
import threading
import time
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

HEADER = "Cf-Access-Jwt-Assertion"  # in which Cloudflare Access sends a token
AUDIENCE = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2"


@cache
def rsa_key(number: int) -> rsa.RSAPrivateKey:
    """Return the same private key for the same number; making one takes a tenth of a second."""
    del number
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


class AccessServer:
    """An identity provider on this machine; `fetches` counts how often its keys were asked for."""

    def __init__(self) -> None:
        self.number = 1
        self.fetches = 0
        self.status = 200
        self.body: bytes | None = None  # in place of the keys
        access = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, told = access._answer(self.path)
                self.send_response(status)
                self.send_header("Content-Length", str(len(told)))
                self.end_headers()
                self.wfile.write(told)

            def log_message(self, *_: object) -> None:
                """Stay silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """Where it listens; of Cloudflare Access the team's domain, of OpenID Connect the issuer."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def variables(self) -> dict[str, str]:
        """The variables that let bnaGPT take its tokens as those of Cloudflare Access."""
        return {"SIGN_IN": "cloudflare", "CF_ACCESS_TEAM": self.url, "CF_ACCESS_AUD": AUDIENCE}

    @property
    def metadata_url(self) -> str:
        return f"{self.url}/.well-known/openid-configuration"

    def __enter__(self) -> "AccessServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def rotate(self) -> None:
        """Sign with another key from now on; the one before stays published, as Cloudflare does it."""
        self.number += 1

    @property
    def kid(self) -> str:
        return f"key-{self.number}"

    def token(self, email: str | None = "ann@example.org", **claims: Any) -> str:
        """Return a token for an address; a claim that is None is left out."""
        return self.signed({"email": email} | claims)

    def signed(self, claims: dict[str, Any], key: Any = None, algorithm: str = "RS256", **headers: Any) -> str:
        """Return a token with these claims beside the usual ones."""
        now_s = int(time.time())
        usual = {"aud": [AUDIENCE], "iss": self.url, "iat": now_s, "nbf": now_s, "exp": now_s + 600, "sub": "a-person"}
        told = {name: value for name, value in (usual | claims).items() if value is not None}
        key = rsa_key(self.number) if key is None else key
        return jwt.encode(told, key, algorithm, headers={"kid": self.kid} | headers)

    def _answer(self, path: str) -> tuple[int, bytes]:
        if path == "/cdn-cgi/access/certs":
            self.fetches += 1
            return self.status, json.dumps(self._certs()).encode() if self.body is None else self.body
        if path == "/.well-known/openid-configuration":
            return self.status, json.dumps(
                {"issuer": self.url, "jwks_uri": f"{self.url}/cdn-cgi/access/certs"}
            ).encode()
        return 404, b"{}"

    def _certs(self) -> dict[str, Any]:
        """Return the keys as Cloudflare publishes them: the one that signs, and the one before."""
        numbers = [number for number in (self.number, self.number - 1) if number > 0]
        keys = []
        for number in numbers:
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(rsa_key(number).public_key()))
            keys.append(
                {"kid": f"key-{number}", "kty": "RSA", "alg": "RS256", "use": "sig", "n": public["n"], "e": "AQAB"}
            )
        pems = [{"kid": f"key-{number}", "cert": public_pem(rsa_key(number)).decode()} for number in numbers]
        return {"keys": keys, "public_cert": pems[0], "public_certs": pems}
