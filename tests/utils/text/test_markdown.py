"""What is shown of a model's Markdown: safe, right, literal where it must be, and cheap to draw while it grows.

The same samples were drawn by Streamlit 1.67 in Chromium, which made no request to another host.
"""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.proportion import is_in_proportion
from utils.text.markdown import blocks, for_display, plain, settled

JOINER = "\u2060"
WORDS = st.text(alphabet=string.ascii_letters + string.digits + " ,;'\"?%éß漢😀\n", max_size=200)
PARTS = [
    "Some words.", "\n", "\n\n", "- item\n", "1. first\n", "12", "2) b\n", "> quote\n", "    indented\n", "`",
    "```\n", "~~~\n", "```py\n", "  ```\n", "$$", "$$\n", "$5", "\\[", "\\]", "\\(", "\\)", "\\", "| a |\n", "|---|\n",
    "**", "*", "-", "![a](http://h.test)", "[", "](", ")", "]: ", "!", "<b>", "<!--", ":smile:", ":red[x]", "\r\n",
]  # fmt: skip
MARKDOWN = st.lists(st.sampled_from(PARTS), max_size=25).map("".join)


@given(WORDS)
def test_text_without_marks_comes_out_unchanged(text: str) -> None:
    text = "\n".join(line.strip() for line in text.strip().split("\n"))
    assert for_display(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "Note: this, at 12:30:45, on http://127.0.0.1:8501/a:b:c?q=$x$ or <https://a.test/:id:> (a/b - c).",
        "| a | b |\n|:---:|---:|\n| 1 | **2** |",
        "# Title\n\n1. *one*\n2. __two__\n\n> said ~~him~~",
        "[link](https://a.test/x_(y) \"t\") and [ref][r]\n\n[r]: /here",
        "Use `![a](http://h.test/i.png)`, `$5`, `:smile:`, ``a ` b`` and `<div>`.",
        "```md\n![a](http://h.test) $5 :red[x] <b>\n~~~\n``\n```",
        "~~~~\n~~~\n```\n![a](http://h.test)\n~~~~\nafter",
        "1. Do\n   ```sh\n   echo $HOME $PATH :smile: <b>\n   ```\n2. Then",
        "See [it](/x).\n\n- Do\n  ```rust\n  vec![1]\n  ```",
        "Begun:\n\n```py\nprint('$1 $2 ![a](http://h.test)')\n",
        "Like this:\n\n    cost = $5 + $6\n    <b>",
        "std::vector, a:b, f(x):y, a -> b, x < y, 5 > 4, a & b, wow! [sic]",
    ],
)  # fmt: skip
def test_ordinary_markdown_and_code_come_out_unchanged(text: str) -> None:
    assert for_display(text) == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        "$5 and $10", "$1,000-$2,000", "US$5 or US$6", "$PATH and $HOME", "$5/month, or $50/year", "$5", "a $ b $ c",
        "from $5 to 10$ a day", "between ($5)-($6)", "${A}:${B}", "it costs $$ or $$$", "$x^2 + ", "$$x^2 +", "$5=$6",
    ],
)  # fmt: skip
def test_prices_and_unfinished_formulas_stay_text(text: str) -> None:
    assert for_display(text) == text.strip().replace("$", r"\$")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("$x^2$, $n$, $a + b$, $2\\pi$, $O(n \\log n)$, $0$", None),
        ("so $$x^2$$ it is", None),
        ("with \\(a_1\\) and \\( b \\)", "with $a_1$ and $b$"),
        ("so \\[x^2\\] it is", "so $$x^2$$ it is"),
        ("as in \\[1\\] and \\(open", None),
        ("\\[ x^2 \\].", "$$\nx^2 .\n$$"),
        ("a\n\\[\nx \\\\[2pt]\ny\n\\]\nb", "a\n$$\nx \\\\[2pt]\ny\n\n$$\nb"),
        (
            "a\n\\begin{align}\nx &= 1 \\\\\ny &= 2\n\\end{align}\nb",
            "a\n$$\n\\begin{align}\nx &= 1 \\\\\ny &= 2\n\\end{align}\n$$\nb",
        ),
        ("\\begin{cases}a\\\\b\\end{cases}.", "$$\n\\begin{cases}a\\\\b\\end{cases}.\n$$"),
        ("\\begin{itemize}a\\end{itemize}", None),
        ("\\begin{align}a\n\nb\\end{align}", None),
        ("$\\ce{H2O}$", "$\\mathrm{H_{2}O}$"),
        ("$\\ce{2 Na+ + SO4^2- <=> Na2SO4}$", "$\\mathrm{2 Na^{+} + SO_{4}^{2-} \\rightleftharpoons  Na_{2}SO_{4}}$"),
        ("- a\n  $$ x\n  + y $$", "- a\n  $$\n  x\n  + y \n  $$"),
    ],
)
def test_formulas_are_maths(text: str, shown: str | None) -> None:
    assert for_display(text) == (shown or text)


IMAGES = [
    ("![a](http://h.test/i.png)", "[image: a](http://h.test/i.png)"),
    ('![a]( <http://h.test/i.png> "t")', '[image: a]( <http://h.test/i.png> "t")'),
    ("!![a](//h.test/i)", "\\![image: a](//h.test/i)"),
    ("\\\\![a](HTTP://h.test)", "\\\\[image: a](HTTP://h.test)"),
    ("![a [b] c](http:/\\h.test)", "\\![a [b] c](http:/\\h.test)"),
    ("![a\nb](http://h.test)", "\\![a\nb](http://h.test)"),
    ("![a][r] ![r][] ![r]\n\n[r]: http://h.test/i", "\\![a][r] \\![r][] \\![r]\n\n[r]: http://h.test/i"),
    ("[![a](http://h.test/i)](http://l.test)", "[image: a](http://l.test)"),
    ("![a](data:image/png;base64,AAAA)", "\\[image: a\\]"),
    ("http://x!![a](http://h.test)", "http://x\\![image: a](http://h.test)"),
    ("`a ![b](http://h.test)", "\\`a [image: b](http://h.test)"),
    ("[a](b`c) ![d](http://h.test) `e", "[a](b`c) ! [d](http://h.test) `e"),
    ("| ` | ![d](http://h.test) ` |", "| ` | ! [d](http://h.test) ` |"),
    ("- ```\n![d](http://h.test)\n  ```", "- ```\n! [d](http://h.test)\n  ```"),
    ("- ```\n![a\n        ```\n](http://h.test)", "- ```\n! [a\n        ```\n](http://h.test)"),
    ("- ```\n```\n![d](http://h.test)\n```\n![e](http://h.test)", "- ```\n```\n[image: d](http://h.test)\n```\n! [e](http://h.test)"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "shown"), IMAGES)
def test_images_become_links_or_text(text: str, shown: str) -> None:
    assert for_display(text) == shown


@given(MARKDOWN)
def test_no_image_is_left_outside_code(text: str) -> None:
    shown = for_display(text.replace("`", "").replace("~", "").replace("    ", ""))
    assert not re.search(r"(?<!\\)(?:\\\\)*!\[", shown)


@pytest.mark.parametrize("fence", ["```mermaid", "~~~ MerMaid x", "```merm&#97;id", "- ```mermaid", "> ~~~a mermaid"])
def test_diagrams_show_their_source(fence: str) -> None:
    shown = for_display(f'{fence}\nflowchart TD\n A@{{ img: "http://h.test/i" }}')
    assert re.match(r"[->]? ?(```|~~~)text\nflowchart TD\n", shown)


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)",
        "JaVaScript:x",
        "java&#115;cript:x",
        "<vbscript:x>",
        "data:text/html,x",
        "file:///etc",
        "\n//h.test",
    ],
)
def test_links_to_elsewhere_than_the_web_become_text(target: str) -> None:
    assert for_display(f"[a]({target})").startswith("[a\\](")
    assert target.startswith("\n") or for_display(f"[a]: {target}").startswith("[a\\]:")


def test_links_to_the_web_and_mail_stay() -> None:
    text = "[a](https://a.test) [b](mailto:b@a.test) [c](#d) [e](f/g.md) [h]() <b@a.test>"
    assert for_display(text) == text


@pytest.mark.parametrize("tag", ["<div>", "</b>", "<img src=x>", "<!-- a -->", "<?x?>", "<svg/onload=x>", "<data:x>"])
def test_html_is_shown_as_written(tag: str) -> None:
    assert for_display(f"use the {tag} tag") == f"use the \\{tag} tag"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (":red[a]", "\\:red[a]"),
        ("color:red;", "color\\:red;"),
        ("a:b[0] {c:d{e}}", "a\\:b[0] {c\\:d{e}}"),
        (":material/home:", ":material\\/home:"),
        (":smile: :streamlit:", ":smile\\: :streamlit\\:"),
        ("user:id:42", "user:id\\:42"),
        ("a:key:key:b", "a\\:key:key\\:b"),
        ("::key::", "\\::key\\:\\:"),
        (":+1: :orange:", f"\\:+1{JOINER}\\: \\:orange{JOINER}\\:"),
        ("::before\n\n:::note", "\\::before\n\n\\:::note"),
    ],
)
def test_directives_and_shortcodes_are_shown_as_written(text: str, shown: str) -> None:
    assert for_display(text) == shown


HOSTILE = [
    "[",
    "$",
    "`",
    "![",
    "` ",
    "`a",
    "](",
    "]:",
    "\\(",
    "\\[\n",
    "\\begin{align}\n",
    "$\\ce{",
    "$$\n",
    "<a",
    ":a",
    "[![",
    "![](data:",
    "http://",
    "*",
    "**中：",
    "<sub>",
    "~",
    "<br>",
    "a\u0301",
]


@pytest.mark.parametrize("mark", HOSTILE)
def test_a_long_text_takes_time_in_proportion(mark: str) -> None:
    def work(size: int) -> None:
        text = mark * (size // len(mark))
        for read in (for_display, plain, settled, blocks):
            read(text)

    assert is_in_proportion(work, 5_000)


NAMES = [
    ("A trip to Rome, 2024 (v1.5)", None),
    ("**b** _i_ ~~s~~ `c`", "\\*\\*b\\*\\* \\_i\\_ \\~\\~s\\~\\~ \\`c\\`"),
    ("[l](x) ![i](y) $x$ <b> &amp; | \\", "\\[l\\](x) !\\[i\\](y) \\$x\\$ \\<b\\> \\&amp; \\| \\\\"),
    (":red[x] :material/home: :smile:", "\\:red\\[x\\] :material\\/home: :smile\\:"),
    ("1. a", "1\\. a"),
    ("# a", "\\# a"),
    ("- a", "\\- a"),
    ("a -> b -- c", f"a \\-{JOINER}\\> b \\-{JOINER}\\- c"),
    ("http://a.test www.b.test c@d.test", f"http\\:{JOINER}//a.test w{JOINER}ww.b.test c\\@{JOINER}d.test"),
]


@pytest.mark.parametrize(("name", "label"), NAMES)
def test_a_name_is_escaped_for_labels(name: str, label: str | None) -> None:
    assert plain(name) == (label or name)


@given(st.text())
def test_a_label_says_its_name_once_the_escapes_are_read(name: str) -> None:
    label = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", plain(name)).replace(JOINER, "")
    assert label == " ".join(name.split()).replace(JOINER, "")


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("one\n\ntwo", 5), ("one\n\n", 0), ("one\n\n  two", 0), ("one\ntwo", 0), ("- a\n\n- b", 0), ("- a\n\n-", 0),
        ("- a\n\nb", 5), ("- a\n\n  b\n\nc", 10), ("1. a\n\n2", 0), ("1. a\n\n2x", 6), ("a\n\n- b", 3),
        ("- a\n\n**b", 5), ("```\na\n\nb", 0), ("```\na\n\nb\n```\n\nc", 14), ("- ```\n  a\n\nb", 0), ("$$\nx\n\ny", 6),
        ("\\[\nx", 0), ("$$\n\n\\", 0), ("a\n\n$$\nx", 3), ("$$\nx\n$$\n\ny", 9),
    ],
)  # fmt: skip
def test_a_text_is_settled_up_to_the_last_thing_that_stands_apart(text: str, end: int) -> None:
    assert settled(text) == end


@given(MARKDOWN)
def test_what_is_settled_stays_settled(text: str) -> None:
    ends = [settled(text[:i]) for i in range(len(text) + 1)]
    assert ends == sorted(ends)
    step = 0
    for i in range(len(text) + 1):
        step = settled(text[:i], step)
        assert step == ends[i]


@given(MARKDOWN, st.integers(1, 40))
def test_blocks_join_to_the_text_and_only_the_last_still_changes(text: str, least: int) -> None:
    whole = blocks(text, least)
    assert "".join(whole) == text
    assert all(len(block) >= least for block in whole[:-1])
    for i in range(len(text)):
        part = blocks(text[:i], least)
        assert part[:-1] == whole[: len(part) - 1]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("温度3~5度，湿度6~8度", "温度3\\~5度，湿度6\\~8度"),
        ("~a~ ~~b~~ `c~d` http://a.test/~e", "\\~a\\~ ~~b~~ `c~d` http://a.test/~e"),
        ("**注意：**文字", f"**注意：{JOINER}**文字"),
        ("他说**“引号”**了", f"他说**{JOINER}“引号”{JOINER}**了"),
        ("**甲。**乙*（丙）*丁", f"**甲。{JOINER}**乙*{JOINER}（丙）{JOINER}*丁"),
        ("**甲**，**乙**。**丙**", "**甲**，**乙**。**丙**"),
        ("2**3：4 `**注：**x`", "2**3：4 `**注：**x`"),
        ("a<br>b<BR />c", f"a\\\n{JOINER}b\\\n{JOINER}c"),
        ("| a<br>b | c |\n|---|---|", "| a b | c |\n|---|---|"),
        ("a<br># b", f"a\\\n{JOINER}# b"),
        ("H<sub>2</sub>O, 10<sup>-3</sup>, v<sub>Max</sub>, n<SUP>th</SUP>", "H₂O, 10⁻³, v\\_(Max), nᵗʰ"),
        ("<sub>![a](http://h.test)</sub>", "\\<sub>[image: a](http://h.test)\\</sub>"),
        ("`a<br>b` <br onload=x>", "`a<br>b` \\<br onload=x>"),
        ("a" + "\u0301" * 60_000, "a" + "\u0301" * 8),
    ],
)
def test_marks_that_models_write_are_what_they_mean(text: str, shown: str) -> None:
    assert for_display(text) == shown


def test_a_name_of_many_marks_is_short() -> None:
    assert plain("a" + "\u0301" * 60_000) == "a" + "\u0301" * 8
