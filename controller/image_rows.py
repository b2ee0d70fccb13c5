"""An image as it stands in a server's answer: as base64, or as an address where it is.

What comes is never believed: it is limited in size, and drawn once before it is kept. An address is fetched through the
guard around the web (`utils/fetch.py`, read that next), never by the browser.
"""

import base64
from collections.abc import Mapping
from typing import Any

import httpx

from controller.web import as_tool_failures
from model.provider import Endpoint
from utils.fetch import FetchRules, fetch
from utils.received_picture import MAX_BYTES, Received, received
from utils.side_by_side import apart
from utils.stop import Stop
from utils.web_address import host_and_port

FETCH_TIMEOUT_S = 60.0


def picture_of(row: Mapping[str, Any], endpoint: Endpoint, stop: Stop) -> Received:
    """Return the image of a row, whichever way it comes.

    Raises: ToolFailed when it is none, or can't be fetched.
    """
    address = str(row.get("url") or "")
    in_text = row.get("b64_json") or (address.partition(";base64,")[2] if address.startswith("data:") else "")
    with as_tool_failures():
        return received(_decoded(str(in_text)) if in_text else _fetched(address, endpoint, stop))


def _decoded(text: str) -> bytes:
    """Return the bytes that base64 stands for; none where it is something else, which is no picture either."""
    try:
        return base64.b64decode(text)
    except ValueError:
        return b""


def _fetched(address: str, endpoint: Endpoint, stop: Stop) -> bytes:
    """Fetch an image; the server that was asked for it need not be on the public internet."""
    base_url = httpx.URL(endpoint.base_url)
    rules = FetchRules(
        frozenset([host_and_port(base_url)]),
        FETCH_TIMEOUT_S,
        MAX_BYTES,
        kinds=("image/", "application/octet-stream"),
    )
    return apart(lambda inner: fetch(str(base_url.join(address)), rules, inner), stop, FETCH_TIMEOUT_S).data
