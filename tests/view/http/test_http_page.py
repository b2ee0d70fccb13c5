"""What docs/http-api.md says of the HTTP API is so."""

import json
import re
import shlex
import subprocess
import sys

import httpx

from settings import ROOT
from tests.api_server import ApiServer
from tests.scripted_server import Reply, ScriptedServer
from tests.waiting import PATIENCE_S

SECTION = (ROOT / "docs/http-api.md").read_text(encoding="utf-8").split("\n## HTTP API\n")[1].split("\n## ")[0]


def curl(line: str, api: ApiServer) -> httpx.Response:
    """Ask what a line of curl asks."""
    words = [word for word in shlex.split(line) if word not in ("curl", "-N")]
    url = words[0].replace("127.0.0.1:8000", api.host)
    if "--json" in words:
        return api.client.post(url, json=json.loads(words[words.index("--json") + 1]))
    return api.client.get(url)


def test_its_lines_of_curl_work(api: ApiServer, server: ScriptedServer):
    server.script(Reply("Warm air rises."), Reply("It freezes."), Reply("Rain."))
    lines = re.findall(r"^    (curl .*)$", SECTION, re.M)
    assert len(lines) == 4
    chat, stream, history, files = [curl(line, api) for line in lines]
    assert chat.json()["response"] == "Warm air rises."
    assert "event: token" in stream.text and "event: done" in stream.text
    assert [one["content"] for one in history.json()["messages"]] == ["And snow?", "It freezes."]
    assert files.json()["response"] == "Rain."


def test_its_paths_are_there(api: ApiServer):
    paths = set(api.client.get("/openapi.json").json()["paths"]) | {"/ws", "/mcp", "/docs", "/conversations/{id}"}
    named = {path.split("?")[0] for path in re.findall(r"`(?:[A-Z]+ )?(/[\w/{}]+)(?:\?q=)?`", SECTION)}
    assert named - paths <= {"/export", "/api", "/v1"} and len(named) > 6


def test_the_page_about_it_is_made_of_this_machines_files_and_needs_no_key(api: ApiServer):
    page = api.client.get("/docs")
    links = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    links.remove("data:,")
    assert len(links) == 3 and "//" not in page.text
    assert [api.client.get(f"/{link}").status_code for link in links] == [200, 200, 200]
    assert api.client.get("/docs/redoc.standalone.js").status_code == 404
    assert "<script>" not in page.text and "script-src 'self';" in page.headers["content-security-policy"]
    assert api.client.get("/openapi.json").json()["components"]["securitySchemes"]


def test_it_starts_without_the_screen_and_without_llamaindex():
    begin = "import sys; from view.http_api import app; assert callable(app)"
    code = f"{begin}; print({{'streamlit', 'llama_index'}} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S)
    assert run.stdout.strip() == "set()", run.stderr
