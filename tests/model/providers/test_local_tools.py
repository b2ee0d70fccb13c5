"""Which local models are trusted with tools: as measured, else as their template and their size say."""

import pytest

from benchmarks.local_tools import TOOLS, questions
from model.providers import local_tools
from model.providers.embedded import EMBEDDED_MODELS
from model.providers.local_tools import MEASURED, TRUSTED_FROM, is_trusted_with_tools


@pytest.mark.parametrize(
    ("title", "knows_tools", "is_small", "trusted"),
    [
        ("Unknown-8B", True, False, True),
        ("Unknown-8B", False, False, False),
        ("Unknown-0.5B", True, True, False),
        ("Good", True, True, True),
        ("Good", False, True, False),
        ("Bad", True, False, False),
    ],
)
def test_what_was_measured_counts_before_size(
    monkeypatch: pytest.MonkeyPatch, title: str, knows_tools: bool, is_small: bool, trusted: bool
):
    monkeypatch.setattr(local_tools, "MEASURED", {"Good": TRUSTED_FROM, "Bad": TRUSTED_FROM - 0.01})
    assert is_trusted_with_tools(title, knows_tools, is_small) is trusted


def test_the_table_holds_shares_of_the_models_that_come_with_it():
    assert set(MEASURED) == {model.title for model in EMBEDDED_MODELS}
    assert all(0 <= share <= 1 for share in MEASURED.values())


def test_sixty_questions_are_asked_ten_for_each_tool_and_the_first_few_are_of_all_kinds():
    asked = questions()
    assert len(asked) == len({one.asked for one in asked}) == 60
    for tool in TOOLS:
        assert sum(one.tool == tool.name for one in asked) == 10
    assert {one.tool for one in asked[:6]} == {tool.name for tool in TOOLS} and all(one.told for one in asked)
