"""Stage 3 over a real web server of the test's own, which the fixture `web` of a file may fill."""

from collections.abc import Iterator

import pytest

from controller.llm.providers import Providers
from controller.stages.web_search.controller import WebSearchController
from tests.web_server import WebServer
from view.app import build_resources


@pytest.fixture
def web() -> Iterator[WebServer]:
    with WebServer() as server:
        yield server


@pytest.fixture
def environ(environ: dict[str, str], web: WebServer) -> dict[str, str]:
    return environ | {"WEB_SEARCH": "searxng", "SEARXNG_URL": web.url(), "WEB_ALLOWED_HOSTS": web.place}


@pytest.fixture
def controller(providers: Providers) -> WebSearchController:
    return WebSearchController(build_resources(providers))
