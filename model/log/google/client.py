"""One way in which Google is asked, with a token that is made anew when it is no longer taken, and with patience.

401 makes a new token, once. 403 for too many requests, 429 and 5xx are asked again after as long as Google says, or a
little longer each time. Source: https://developers.google.com/workspace/drive/api/guides/handle-errors
"""

import random
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from threading import Event, Lock
from typing import Any
from urllib.parse import urlsplit

import httpx

from model.errors import GoogleBusy, GoogleError, GoogleSignInNeeded, GoogleUnreachable
from model.log.google.account import AccountFile, GoogleAccount
from model.log.google.oauth import OAuth
from utils.net.client import ssl_context
from utils.net.error_bodies import message_of, retry_after_s
from utils.net.proxies import BadProxy, proxy_for
from utils.text.characters import one_line
from utils.threads.stop import CancellationToken

TIMEOUT_S = 30.0
TRIES = 5
LONGEST_WAIT_S = 60.0  # for which somebody waits here; what is told to wait longer is tried again later
EARLY_S = 60.0  # before its end, in which a token is made anew
_TOO_MANY = ("rateLimitExceeded", "userRateLimitExceeded", "sharingRateLimitExceeded", "backendError")
_TOLD = {
    "storageQuotaExceeded": ("Your Google Drive is full.", "Make room there; the file is still on this machine."),
    "accessNotConfigured": ("This Google project may not use that API.", "Switch it on in the Google Cloud console."),
    "insufficientPermissions": ("Google was not allowed to do this.", "Connect again on the page Google."),
    "dailyLimitExceeded": ("Google's limit for today is reached.", "It is tried again later."),
}


Pause = Callable[[float, CancellationToken], None]


def pause(wait_s: float, stop: CancellationToken) -> None:
    """Wait, but no longer than until the stop."""
    stopped = Event()
    stop.when_set(stopped.set)
    stopped.wait(wait_s)


@dataclass(frozen=True)
class _AccessToken:
    value: str = ""
    until_s: float = 0.0  # by the monotonic clock


class GoogleClient:
    """Google, asked for one person."""

    def __init__(self, oauth: OAuth, accounts: AccountFile, wait: Pause = pause) -> None:
        self.oauth, self.accounts, self._wait = oauth, accounts, wait
        self._token = _AccessToken()
        self._lock = Lock()  # one new token at a time
        self._not_before_s = 0.0

    def ask(
        self,
        method: str,
        address: str,
        *,
        body: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        allowed: Iterable[int] = (),
        tries: int = TRIES,
        stop: CancellationToken | None = None,
    ) -> httpx.Response:
        """Return what Google answers; `address` may be a path of its API.

        Raises: GoogleSignInNeeded, GoogleError; InterruptedError after a stop.
        """
        url = address if "://" in address else self.oauth.api_url + address
        if urlsplit(url)[:2] != urlsplit(self.oauth.api_url)[:2]:  # which would get the token
            raise GoogleError("Google sends on to another host, so it was not asked.", "Check GOOGLE_API_URL in .env.")
        stop, send = stop or CancellationToken(), partial(self._authorized, method, url, headers or {})
        for attempt in range(1, tries + 1):
            fault: GoogleBusy | GoogleUnreachable
            try:
                answer = send(json=body, content=content, params=params)
                if answer.status_code in allowed or not _asks_to_wait(answer):
                    return self._checked(answer, allowed)
                fault = GoogleBusy(retry_after_s(answer.headers.get("Retry-After")))
            except GoogleUnreachable as error:
                fault = error
            if attempt == tries:
                raise fault
            self.wait(attempt, fault, stop)
        raise GoogleBusy()

    def wait(self, attempt: int, fault: GoogleBusy | GoogleUnreachable, stop: CancellationToken) -> None:
        """Wait as long as Google has told, else a little longer after each attempt.

        Raises: GoogleBusy where that is too long; InterruptedError after a stop.
        """
        wait_s = fault.wait_s if fault.wait_s is not None else 2.0 ** (attempt - 1) + random.random()
        if wait_s > LONGEST_WAIT_S:
            self._not_before_s = time.monotonic() + wait_s
            raise GoogleBusy(wait_s)
        if not stop.is_set:
            self._wait(wait_s, stop)
        if stop.is_set:
            raise InterruptedError

    def forget_token(self) -> None:
        self._token = _AccessToken()

    def _authorized(self, method: str, url: str, headers: Mapping[str, str], **request: Any) -> httpx.Response:
        """Return one answer, after a new token where the one that was there is not taken. Raises: as `ask`."""
        for is_last in (False, True):
            if time.monotonic() < self._not_before_s:
                raise GoogleBusy()
            token = self._access_token()
            try:
                with httpx.Client(
                    timeout=TIMEOUT_S, verify=ssl_context(), proxy=proxy_for(url), trust_env=False
                ) as client:
                    headers = {**headers, "Authorization": f"Bearer {token}"}
                    answer = client.request(method, url, headers=headers, **request)
            except (httpx.HTTPError, httpx.InvalidURL, BadProxy, OSError) as error:
                raise GoogleUnreachable() from error
            if answer.status_code != 401 or is_last:
                break
            self._forget(token)
        return answer

    def _checked(self, answer: httpx.Response, allowed: Iterable[int]) -> httpx.Response:
        """Return an answer that can be used. Raises: GoogleSignInNeeded, GoogleError."""
        if answer.status_code < 400 or answer.status_code in allowed:
            return answer
        if answer.status_code == 401:
            self._note_refused()
            raise GoogleSignInNeeded()
        if told := _TOLD.get(_reason(answer)):
            raise GoogleError(*told)
        body = None
        with suppress(ValueError):
            body = answer.json()
        said = one_line(message_of(body))[:300] if body is not None else ""
        raise GoogleError(f"Google answered with an error, {answer.status_code}.", said or "Try again later.")

    def _access_token(self) -> str:
        """Return a token that is still good. Raises: GoogleSignInNeeded, GoogleError."""
        with self._lock:
            if self._token.value and time.monotonic() < self._token.until_s:
                return self._token.value
            account = self.accounts.read()
            refresh = account.token(self.oauth.client_secret)
            if not refresh or account.must_sign_in:
                if account.is_connected:
                    self._note_refused()
                raise GoogleSignInNeeded()
            try:
                granted = self.oauth.refresh(refresh)
            except GoogleSignInNeeded:
                self._note_refused()
                raise
            self._token = _AccessToken(granted.access, time.monotonic() + max(granted.lasts_s - EARLY_S, 1.0))
            if granted.refresh and granted.refresh != refresh:  # Google may give another one
                secret = self.oauth.client_secret
                self.accounts.change(lambda kept: kept.with_token(granted.refresh, secret))
            return self._token.value

    def _forget(self, token: str) -> None:
        """Use a token no longer, unless another thread has a new one already."""
        with self._lock:
            if self._token.value == token:
                self._token = _AccessToken()

    def _note_refused(self) -> None:
        self.accounts.change(_must_sign_in)


def _must_sign_in(account: GoogleAccount) -> GoogleAccount:
    return replace(account, must_sign_in=True) if account.is_connected else account


def _reason(answer: httpx.Response) -> str:
    """Return why Google refuses, by its own word; "" where it tells none."""
    with suppress(ValueError, LookupError, TypeError, AttributeError):
        return str(answer.json()["error"]["errors"][0]["reason"])
    return ""


def _asks_to_wait(answer: httpx.Response) -> bool:
    code = answer.status_code
    return code == 429 or code >= 500 or (code == 403 and _reason(answer) in _TOO_MANY)
