"""Requests made up from the OpenAPI document, right ones and wrong ones: none finds a bug."""

from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from tests.api_server import ApiServer
from tests.waiting import PATIENCE_S, daily

EXAMPLES = daily(20, 50)  # of each kind for each operation


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> ApiServer:
    """Return the API without a limit on how often it may be asked."""
    monkeypatch.setenv("API_REQUESTS_PER_MINUTE", "100000000")
    server: ApiServer = request.getfixturevalue("api")
    return server


@pytest.mark.slow
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["right", "wrong"])
def test_no_request_finds_a_bug(patient: ApiServer, mode: GenerationMode):
    schema = schemathesis.openapi.from_url(f"http://{patient.host}/openapi.json")
    tried = 0
    for found in schema.get_all_operations():
        operation: Any = cast(Any, found).ok()

        @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode))
        def asked(case: Any) -> None:
            nonlocal tried
            tried += 1
            response = case.call(timeout=PATIENCE_S)
            assert response.status_code != 500, response.text
            if response.status_code >= 400:
                assert response.headers["content-type"] == ["application/problem+json"] or not response.content

        if mode is GenerationMode.POSITIVE or operation.body or operation.query:
            asked()
    assert tried > 5 * EXAMPLES
