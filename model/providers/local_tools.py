"""Which local models are trusted to call tools by themselves, as measured; the others get their tools called for them.

`python -m benchmarks.run --only local-tools` measures it: the share of questions for which the right tool was called,
with arguments that fit. A model that is not in the table is trusted when its template knows tools and it is not small.
"""

TRUSTED_FROM = 0.8
# Title -> share, as measured on 2026-12-01; benchmarks/RESULTS.md has the whole table.
MEASURED: dict[str, float] = {}


def is_trusted_with_tools(title: str, knows_tools: bool, is_small: bool) -> bool:
    """Return whether a model's own calls are asked for; `knows_tools` is what its template tells."""
    if title in MEASURED:
        return knows_tools and MEASURED[title] >= TRUSTED_FROM
    return knows_tools and not is_small
