"""Stage 6 with the smallest sandbox, which ends with its test."""

from collections.abc import Iterator

import pytest

from controller.llm.providers import Providers
from controller.resources import Resources
from controller.stages.run_code.controller import RunCodeController
from controller.stages.run_code.tool import sandboxes_of
from settings import Settings


@pytest.fixture
def resources(environ: dict[str, str]) -> Iterator[Resources]:
    resources = Resources(Settings.from_env(environ | {"CODE_SANDBOX": "monty"}))
    yield resources
    sandboxes_of(resources).end()


@pytest.fixture
def controller(providers: Providers, resources: Resources) -> RunCodeController:
    return RunCodeController(providers, resources)
