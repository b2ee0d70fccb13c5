"""Which local models are trusted to call tools by themselves, as measured; the others get their tools called for them.

`python -m benchmarks.run --only local-tools` measures it: the share of sixty questions that were answered with what the
right tool gave. A model that only names the tool, and then writes calls on and on, is of no use to anybody. One that is
not in the table is trusted when its template knows tools and it is not small.
"""

TRUSTED_FROM = 0.8
# By a model's title, as measured on 2026-12-01; benchmarks/RESULTS.md has the whole table.
MEASURED = {"Qwen2.5-Coder-0.5B-Instruct": 0.35, "SmolLM2-135M-Instruct": 0.0}


def is_trusted_with_tools(title: str, knows_tools: bool, is_small: bool) -> bool:
    """Return whether a model's own calls are asked for; `knows_tools` is what its template tells."""
    if title in MEASURED:
        return knows_tools and MEASURED[title] >= TRUSTED_FROM
    return knows_tools and not is_small
