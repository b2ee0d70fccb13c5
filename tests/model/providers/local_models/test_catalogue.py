"""The short list holds together, and what it recommends suits the machine."""

from datetime import date

from model.providers.local_models.catalogue import CATALOGUE, CHECKED_ON, Machine, best_for
from utils.local_models.hub.repository import _is_name

GB = 1_000_000_000


def test_each_row_is_whole():
    assert date.fromisoformat(CHECKED_ON) >= date(2026, 12, 1)
    assert len({row.repository for row in CATALOGUE}) == len({row.title for row in CATALOGUE}) == len(CATALOGUE)
    for row in CATALOGUE:
        assert _is_name(row.repository) and row.repository.endswith("-GGUF")
        assert row.licence_url.startswith("https://") and row.languages and row.context_window >= 32_768
        assert 300_000_000 < row.size_bytes < row.memory_bytes < 2.99 * row.size_bytes + GB


def test_the_smallest_stand_first():
    sizes = [row.size_bytes for row in CATALOGUE]
    assert sizes == sorted(sizes)


def test_the_best_one_is_the_largest_with_tools_that_suits():
    machines = [Machine(memory * GB, 100 * GB) for memory in (1, 2, 3, 4, 8, 16)]
    best = [best_for(machine) for machine in machines]
    assert [row and row.title for row in best] == [
        None,
        "Gemma 3 1B",
        "Qwen3 0.6B",
        "Qwen3 1.7B",
        "Gemma 4 E2B",
        "Qwen3 8B",
    ]
    cores = [best_for(Machine(16 * GB, 100 * GB, count)) for count in (1, 2, 4, 8)]
    assert [row and row.title for row in cores] == ["Qwen3 0.6B", "Qwen3 1.7B", "Gemma 4 E2B", "Qwen3 8B"]
    assert best_for(Machine(16 * GB, 10**8)) is None  # there is no room for any
    assert best_for(Machine(0, 100 * GB)) == CATALOGUE[-1]  # where nobody tells the memory
