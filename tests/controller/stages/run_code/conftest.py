"""Stage 6 with the smallest sandbox, which ends with its test."""

from collections.abc import Iterator

import pytest

from controller.llm.discovery import build_providers
from controller.llm.providers import Providers
from controller.resources import Resources
from controller.stages.run_code.controller import RunCodeController
from controller.stages.run_code.tool import sandboxes_of
from settings import Settings
from view.app import build_resources


@pytest.fixture
def resources(environ: dict[str, str]) -> Iterator[Resources]:
    resources = build_resources(build_providers(Settings.from_env(environ | {"CODE_SANDBOX": "monty"})))
    yield resources
    sandboxes_of(resources).end()


@pytest.fixture
def controller(providers: Providers, resources: Resources) -> RunCodeController:
    return RunCodeController(resources)
