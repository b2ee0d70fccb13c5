"""Which files a repository on Hugging Face has, as its API tells: name, size and SHA-256 of each.

`huggingface_hub` asks, and knows its own addresses, headers and tokens. The bytes come by `transfer.py`: the library's
downloads can't be paused, lose up to 10 MB when the line is cut, and may go another way (Xet) than `HF_ENDPOINT` says.
"""

import json
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import PurePosixPath
from typing import Any

from utils.net.client import ssl_context
from utils.net.error_bodies import retry_after_s
from utils.net.proxies import BadProxy, proxy_for

ASK_TIMEOUT_S = 20.0
HUGGING_FACE = "https://huggingface.co"
_is_name = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII).fullmatch
_SHA256 = re.compile(r"[0-9a-f]{64}").fullmatch


class TooManyRequests(ConnectionError):
    """The far side asks to wait; `wait_s` is None when it did not say how long."""

    def __init__(self, retry_after: str | None) -> None:
        super().__init__("It was asked too often.")
        self.wait_s = retry_after_s(retry_after)


@dataclass(frozen=True)
class RemoteFile:
    """A file in a repository; its name may begin with folders."""

    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Repository:
    """A repository as it is now; `revision` names this state of it for ever."""

    name: str
    revision: str
    files: tuple[RemoteFile, ...]
    licence: str = ""


@dataclass(frozen=True)
class Hub:
    """Hugging Face, or what stands in its place; without a token that of `hf auth login` is sent, if there is one."""

    endpoint: str = HUGGING_FACE
    token: str = field(default="", repr=False)

    def repository(self, name: str) -> Repository:
        """Return a repository with those of its files whose SHA-256 is known.

        Raises: ValueError for what is no name; FileNotFoundError, PermissionError where its licence was not accepted
        or the token is refused, TooManyRequests, ConnectionError, BadProxy.
        """
        if not _is_name(name) or ".." in name:
            raise ValueError(name)
        library = _library(self.endpoint)
        try:
            told = library.HfApi(endpoint=self.endpoint).model_info(
                name, files_metadata=True, timeout=ASK_TIMEOUT_S, token=self.token or None
            )
        except BadProxy:
            raise
        except Exception as error:  # it has a tree of its own, over another client's
            raise _as_ours(error, library.errors) from error
        found = [_file(one) for one in told.siblings or []]
        licence = str((told.card_data or {}).get("license") or "")
        return Repository(name, str(told.sha), tuple(filter(None, found)), licence)

    def address(self, repository: Repository, file: RemoteFile) -> str:
        """Return where the bytes of a file are asked for."""
        address: str = _library(self.endpoint).hf_hub_url(
            repository.name, file.name, revision=repository.revision, endpoint=self.endpoint
        )
        return address

    def headers(self) -> dict[str, str]:
        """Return what goes with a request for bytes; the token is among it."""
        headers: dict[str, str] = _library(self.endpoint).utils.build_hf_headers(
            token=self.token or None, library_name="bnagpt"
        )
        return headers


@cache
def _library(endpoint: str) -> Any:
    """Return `huggingface_hub`, which takes a moment to load; it asks through our proxy, and sends no telemetry."""
    import httpx2
    import huggingface_hub

    def client() -> httpx2.Client:
        # As the library's own, but for the proxy: it gives up at values that are in use everywhere.
        found = proxy_for(endpoint)
        proxy = httpx2.Proxy(str(found.url), auth=found.auth) if found else None
        return httpx2.Client(proxy=proxy, verify=ssl_context(), trust_env=False, follow_redirects=True)

    huggingface_hub.set_client_factory(client)
    huggingface_hub.constants.HF_HUB_DISABLE_TELEMETRY = True
    return huggingface_hub


def _file(told: Any) -> RemoteFile | None:
    """Return a file of a listing; None where its hash is not known, or its name leads out of its folder."""
    sha256 = str(told.lfs.sha256) if told.lfs else ""
    path = PurePosixPath(told.rfilename)
    is_inside = not path.is_absolute() and ".." not in path.parts and not re.search(r"[\\:\x00-\x1f]", told.rfilename)
    return RemoteFile(str(path), int(told.size), sha256) if is_inside and _SHA256(sha256) and told.size else None


def _as_ours(error: Exception, errors: Any) -> Exception:
    """Return what an error of the library means, as an error of Python's own."""
    response = getattr(error, "response", None)
    status = response.status_code if response is not None else 0
    if isinstance(error, errors.GatedRepoError) or status == 403:
        return PermissionError(status, "its licence was not accepted")
    if isinstance(error, errors.HFValidationError):
        return ValueError(str(error))
    # To who has no token, Hugging Face says 401 of what is not there, and of what is private.
    if status == 404 or isinstance(error, errors.RepositoryNotFoundError):
        return FileNotFoundError(str(error))
    if status == 401:
        return PermissionError(status, "the token is refused")
    if status == 429:
        return TooManyRequests(response.headers.get("Retry-After") if response is not None else None)
    if isinstance(error, json.JSONDecodeError | TypeError | KeyError | AttributeError):
        return ConnectionError("what came is no listing")
    return ConnectionError(f"status {status}" if status else type(error).__name__)
