"""The page that tells of the HTTP API and lets one try it: Swagger UI from files of this machine.

FastAPI's own page takes the same scripts from another host, which would see who reads it.
"""

from pathlib import Path

import fastapi_offline
from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse, Response

FILES = Path(fastapi_offline.__file__).with_name("static")
NAMES = ("swagger-ui.css", "swagger-ui-bundle.js")
# Addresses are relative: the API may lie below another path. Nothing is in the page itself that a policy must allow.
PAGE = """<!doctype html>
<html lang="en">
<meta name="viewport" content="width=device-width"><title>bnaGPT over HTTP</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="docs/swagger-ui.css">
<div id="swagger-ui"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
"""
START = 'SwaggerUIBundle({url: "openapi.json", dom_id: "#swagger-ui", validatorUrl: null})'
router = APIRouter(prefix="/docs", include_in_schema=False)


@router.get("")
def docs() -> HTMLResponse:
    """Show what the API can do, and try it."""
    return HTMLResponse(PAGE)


@router.get("/start.js")
def start_script() -> Response:
    """Return what starts Swagger UI."""
    return Response(START, media_type="text/javascript")


@router.get("/{name}")
def file(name: str) -> Response:
    """Return one of Swagger UI's files."""
    return FileResponse(FILES / name) if name in NAMES else Response(status_code=404)
