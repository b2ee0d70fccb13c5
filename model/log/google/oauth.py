"""OAuth 2 at Google: where a person is sent to allow something, and what tokens come of it.

Source: RFC 6749; RFC 7636 (PKCE); RFC 7009 (revocation);
https://developers.google.com/identity/protocols/oauth2/web-server
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import httpx

from model.errors import GoogleError, GoogleSignInNeeded, GoogleUnreachable
from utils.net.client import ssl_context
from utils.net.proxies import BadProxy, proxy_for

TIMEOUT_S = 30.0
DRIVE = "https://www.googleapis.com/auth/drive.file"  # only files that bnaGPT has made, and folders that were picked
CALENDAR = "https://www.googleapis.com/auth/calendar.events"
FOLDER_KIND = "application/vnd.google-apps.folder"


@dataclass(frozen=True)
class Granted:
    """What Google gave: tokens, for how many seconds, and for what."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    lasts_s: float
    scopes: str


@dataclass(frozen=True)
class OAuth:
    """The client that bnaGPT is at Google, as the settings name it."""

    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    auth_url: str = ""
    token_url: str = ""
    revoke_url: str = ""
    api_url: str = ""

    @classmethod
    def of(cls, values: Mapping[str, str]) -> "OAuth":
        names = ("CLIENT_ID", "CLIENT_SECRET", "AUTH_URL", "TOKEN_URL", "REVOKE_URL", "API_URL")
        return cls(*(values.get(f"GOOGLE_{name}", "").rstrip("/") for name in names))

    @property
    def is_set(self) -> bool:
        return bool(self.client_id and self.client_secret)

    def address(self, scopes: str, redirect_uri: str, state: str, verifier: str, picks_folder: bool = False) -> str:
        """Return where the person is sent; with `picks_folder` Google asks there for a folder, too.

        Source: https://developers.google.com/workspace/drive/picker/guides/overview-desktop
        """
        more = {"access_type": "offline", "prompt": "consent"}
        if picks_folder:
            picking = ("trigger_onepick", "allow_folder_selection")
            more |= {**dict.fromkeys(picking, "true"), "allow_multiple": "false", "mimetypes": FOLDER_KIND}
        with self._client(self.auth_url, scope=scopes, redirect_uri=redirect_uri) as client:
            url, _ = client.create_authorization_url(self.auth_url, state=state, code_verifier=verifier, **more)
        return str(url)

    def redeem(self, code: str, redirect_uri: str, verifier: str) -> Granted:
        """Return what a code is good for. Raises: GoogleSignInNeeded, GoogleError."""
        with self._client(self.token_url, redirect_uri=redirect_uri) as client:
            return _granted(client.fetch_token(self.token_url, code=code, code_verifier=verifier))

    def refresh(self, token: str) -> Granted:
        """Return a new access token. Raises: GoogleSignInNeeded where the refresh token is not taken; GoogleError."""
        with self._client(self.token_url) as client:
            return _granted(client.refresh_token(self.token_url, refresh_token=token))

    def revoke(self, token: str) -> None:
        """Let Google take no token of this account any more. Raises: GoogleError where it could not be told."""
        with self._client(self.revoke_url) as client:
            answer = client.revoke_token(self.revoke_url, token=token)
        if answer.status_code >= 400 and answer.status_code != 400:  # 400: it took it no more already
            raise GoogleError(f"Google answered with an error, {answer.status_code}.", "Try again later.")

    @contextmanager
    def _client(self, url: str, **more: Any) -> Iterator[Any]:
        """Hand out who asks at this address. Raises: GoogleSignInNeeded, GoogleError for what goes wrong."""
        authlib = import_module("authlib.integrations.httpx_client")  # a tenth of a second
        try:
            with authlib.OAuth2Client(
                self.client_id,
                self.client_secret,
                token_endpoint_auth_method="client_secret_post",
                code_challenge_method="S256",
                timeout=TIMEOUT_S,
                verify=ssl_context(),
                proxy=proxy_for(url),
                trust_env=False,
                **more,
            ) as client:
                yield client
        except authlib.OAuthError as error:
            if error.error == "invalid_grant":
                raise GoogleSignInNeeded() from error
            hint = "Check GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET in .env."
            raise GoogleError(f"Google refuses: {str(error.error)[:100]}.", hint) from error
        except (httpx.HTTPError, httpx.InvalidURL, BadProxy, OSError) as error:
            raise GoogleUnreachable() from error
        except ValueError as error:  # no JSON
            raise GoogleError("Google's answer can't be read.", "Try again later.") from error


def _granted(told: Mapping[str, Any]) -> Granted:
    """Return what Google has told of tokens. Raises: GoogleError where there is none."""
    text = {name: str(told.get(name) or "") for name in ("access_token", "refresh_token", "scope")}
    if not text["access_token"]:
        raise GoogleError("Google gave no token.", "Try again later.")
    lasts_s = 300.0
    with suppress(TypeError, ValueError):
        lasts_s = float(told.get("expires_in", lasts_s))
    return Granted(text["access_token"], text["refresh_token"], lasts_s, text["scope"])
