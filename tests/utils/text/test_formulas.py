"""In a terminal a formula stays the LaTeX that it is; code stays code."""

import pytest
from rich.console import Console
from rich.markdown import Markdown

from utils.text.formulas import as_source


@pytest.mark.parametrize(
    "text",
    [r"so \(a^2\,b_1 * c * d\) is", r"\[ \frac{1}{2} \]", r"$x_1 * x_2 * x_3$ and $5", r"`\(a\)` and \(b_1 + c_2\)"],
)
def test_a_formula_keeps_its_backslashes_and_signs(text: str):
    console = Console(width=100)
    with console.capture() as shown:
        console.print(Markdown(as_source(text)))
    assert shown.get().strip() == text.replace("`", "")


def test_text_without_formulas_is_left_alone():
    for text in ("a *b* `c` $5 and $10", "```\n\\(a\\)\n```", "    \\(code\\)"):
        assert as_source(text) == text
