"""The page that every address of bnaGPT shows first: Streamlit's own, which learns here where its server is.

By itself it asks for `<page>/_stcore/health` and `<page>/_stcore/host-config` first, in case the app lay under the
page's address: two answers of 404 in the browser's console, and a way there and back, at every opening of a page.
Behind a proxy that may be so, and the page is left to find out.
"""

import base64
import hashlib
import re
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route
from streamlit import config

from settings import ROOT
from view.http_who import is_forwarded

WHERE = "<script>window.__streamlit = {BACKEND_BASE_URL: location.origin}</script>"


def streamlits_page() -> str:
    """Return Streamlit's page as it is."""
    return (Path(st.__file__).with_name("static") / "index.html").read_text(encoding="utf-8")


def own_page() -> str:
    """Return Streamlit's page, told where its server is."""
    return streamlits_page().replace("<head>", f"<head>{WHERE}", 1)


def script_hashes() -> list[str]:
    """Return the hashes of the scripts that stand in the page itself, as a Content-Security-Policy names them."""
    scripts = re.findall(r"<script>(.*?)</script>", own_page(), re.S)
    return [f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in scripts]


def page_routes() -> list[Route]:
    """Return the addresses of all pages; none where a person has put bnaGPT under another path."""
    if config.get_option("server.baseUrlPath"):
        return []
    own, streamlits = own_page(), streamlits_page()

    async def show(request: Request) -> HTMLResponse:
        page = streamlits if is_forwarded(request.headers) else own
        return HTMLResponse(page, headers={"Cache-Control": "no-cache"})

    names = [re.sub(r"^[0-9]+[_ -]*", "", path.stem) for path in sorted((ROOT / "pages").glob("*.py"))]
    return [Route(f"/{name}", show) for name in ["", *names]]
