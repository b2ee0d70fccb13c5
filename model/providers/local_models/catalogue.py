"""A short list of open models that run on a usual computer, as one table: another one is one more row.

What a row says of sizes is about right; what a repository has now is asked before anything is fetched.
"""

from collections.abc import Sequence
from dataclasses import dataclass

CHECKED_ON = "2026-12-01"  # when the rows were last compared with what Hugging Face has
APACHE, GEMMA = "Apache 2.0", "Gemma"
LICENCES = {APACHE: "https://www.apache.org/licenses/LICENSE-2.0", GEMMA: "https://ai.google.dev/gemma/terms"}
TOLD_CONTEXT = 8192  # tokens of a conversation, for which a row tells the memory
BYTES_OF_A_CORE = 1_000_000_000  # of weights that a core reads about ten times a second, with the others
_SHARE = 0.8  # of a machine's memory that a model may take: the rest is for the browser and the system


@dataclass(frozen=True)
class CatalogueRow:
    """One model; `size_bytes` is with the file that makes it see, `memory_bytes` for a talk of TOLD_CONTEXT tokens."""

    title: str
    maker: str
    repository: str
    quantisation: str
    size_bytes: int
    memory_bytes: int
    context_window: int
    licence: str
    languages: str
    has_tools: bool
    thinks: bool
    sees: bool = False

    @property
    def licence_url(self) -> str:
        return LICENCES[self.licence]


@dataclass(frozen=True)
class Machine:
    """What there is room for here; a memory of 0 is one that nobody tells of, 0 cores are no limit."""

    memory_bytes: int
    free_disk_bytes: int
    core_count: int = 0

    def has_memory(self, needed_bytes: int) -> bool:
        return not self.memory_bytes or needed_bytes <= _SHARE * self.memory_bytes

    def suits(self, row: CatalogueRow) -> bool:
        return self.has_memory(row.memory_bytes) and row.size_bytes < self.free_disk_bytes

    def is_quick_with(self, row: CatalogueRow) -> bool:
        """Return whether answers come about as fast as one reads: for each token a processor reads all weights."""
        return not self.core_count or row.size_bytes <= self.core_count * BYTES_OF_A_CORE


# The smallest first.
CATALOGUE = (
    CatalogueRow(
        "Qwen3 0.6B",
        "Qwen",
        "Qwen/Qwen3-0.6B-GGUF",
        "Q8_0",
        639_446_688,
        1_900_000_000,
        32_768,
        APACHE,
        "100 and more",
        has_tools=True,
        thinks=True,
    ),
    CatalogueRow(
        "Gemma 3 1B",
        "Google",
        "ggml-org/gemma-3-1b-it-GGUF",
        "Q4_K_M",
        806_058_240,
        1_500_000_000,
        32_768,
        GEMMA,
        "English",
        has_tools=False,
        thinks=False,
    ),
    CatalogueRow(
        "Qwen3 1.7B",
        "Qwen",
        "Qwen/Qwen3-1.7B-GGUF",
        "Q8_0",
        1_834_426_016,
        3_100_000_000,
        32_768,
        APACHE,
        "100 and more",
        has_tools=True,
        thinks=True,
    ),
    CatalogueRow(
        "SmolLM3 3B",
        "Hugging Face",
        "ggml-org/SmolLM3-3B-GGUF",
        "Q4_K_M",
        1_915_305_312,
        2_900_000_000,
        65_536,
        APACHE,
        "English, French, German, Italian, Portuguese, Spanish",
        has_tools=True,
        thinks=True,
    ),
    CatalogueRow(
        "Qwen3 4B",
        "Qwen",
        "Qwen/Qwen3-4B-GGUF",
        "Q4_K_M",
        2_497_280_256,
        4_000_000_000,
        32_768,
        APACHE,
        "100 and more",
        has_tools=True,
        thinks=True,
    ),
    CatalogueRow(
        "Gemma 3 4B",
        "Google",
        "ggml-org/gemma-3-4b-it-GGUF",
        "Q4_K_M",
        3_341_000_000,
        4_400_000_000,
        131_072,
        GEMMA,
        "140 and more",
        has_tools=False,
        thinks=False,
        sees=True,
    ),
    CatalogueRow(
        "Gemma 4 E2B",
        "Google",
        "ggml-org/gemma-4-E2B-it-GGUF",
        "Q4_0",
        3_400_000_000,
        4_600_000_000,
        131_072,
        APACHE,
        "140 and more",
        has_tools=True,
        thinks=True,
        sees=True,
    ),
    CatalogueRow(
        "Qwen3 8B",
        "Qwen",
        "Qwen/Qwen3-8B-GGUF",
        "Q4_K_M",
        5_027_783_488,
        6_700_000_000,
        32_768,
        APACHE,
        "100 and more",
        has_tools=True,
        thinks=True,
    ),
)


def best_for(machine: Machine, rows: Sequence[CatalogueRow] = CATALOGUE) -> CatalogueRow | None:
    """Return the largest model that suits a machine and is quick there, one with tools before others.

    Where none is quick it is the smallest that suits; None where none does.
    """
    fitting = [row for row in rows if machine.suits(row)]
    quick = [row for row in fitting if machine.is_quick_with(row)] or fitting[:1]
    return max(quick, key=lambda row: (row.has_tools, row.memory_bytes), default=None)
