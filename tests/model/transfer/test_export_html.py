"""HTML: one file with all in it, in which nothing that anybody wrote can run, fetch or look like the page's own."""

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from lxml import html
from PIL import Image

from controller.history.export import file_reader
from model.chat.conversation import Conversation
from model.chat.message import FAILED, Message
from model.chat.message_parts import Attachment, Citation, ToolStep
from model.store.attachments import AttachmentStore
from model.transfer.export_html import STYLE, as_html, html_parts
from tests.illustrated import NAMES, illustrated
from tests.model.transfer.test_export_pdf import FORMULAS, HOSTILE
from tests.proportion import is_in_proportion
from tests.utils.hostile_drawings import CLEANED

ELEMENTS = set(
    "html head meta title style body main h1 h2 h3 h4 h5 h6 p section article details summary figure figcaption img a"
    " em strong s code pre blockquote ul ol li hr br div table thead tbody tr th td"
    " math mrow mi mn mo msup msub msubsup munderover mfrac msqrt mtable mtr mtd mstyle mspace mtext".split()
)
ATTRIBUTES = set("lang charset http-equiv content name dir class href rel src alt decoding start xmlns display".split())
MATHS = set("stretchy fence form mathvariant displaystyle scriptlevel width columnalign largeop movablelimits".split())
DANGER = """<script>alert(1)</script><img src=x onerror=alert(1)><svg onload=alert(1)><iframe srcdoc="<script>">
</code></pre></details></article></main></body><style>*{display:none}</style><base href=//evil.example>
[a](javascript:alert(1)) [b](JaVaScRiPt:alert(1)) [c](data:text/html,<script>) [d](vbscript:x) [e](file:///etc/passwd)
![p](http://evil.example/x.png) ![q](data:image/svg+xml;base64,PHN2Zy8+) <javascript:alert(1)> [f]: data:text/html,x
$\\text{<script>alert(1)</script>}$ $\\href{javascript:alert(1)}{x^2}$ $\\style{background:url(//evil.example)}{x^2}$
$\\text{</math><img src=x onerror=alert(1)>_}$ [g](<https://x"onclick="alert(1)>) &lt;script&gt; `</code><script>`
[h](https://example.org/?a=1&b=2 "title\\" onmouseover=alert(1)")
"""


def parsed(page: bytes) -> Any:
    return html.document_fromstring(page.decode())


def assert_harmless(page: bytes) -> Any:
    """Return a page's root, in which nothing is left that a browser would run or fetch."""
    root = parsed(page)
    for element in root.iter():
        assert isinstance(element.tag, str) and element.tag in ELEMENTS, element.tag
        assert set(element.attrib) <= ATTRIBUTES | (MATHS if element.tag.startswith("m") else set()), element.attrib
    assert [style.text for style in root.iter("style")] == [STYLE]
    assert all(link.get("href", "https:").startswith(("https:", "http:", "mailto:")) for link in root.iter("a"))
    assert all("noreferrer" in link.get("rel") for link in root.iter("a") if link.get("href"))
    assert all(image.get("src").startswith("data:image/") for image in root.iter("img"))
    return root


def said_everywhere(text: str) -> Conversation:
    """Return a conversation that says the same wherever something can be said."""
    answer = Message(
        "assistant",
        text,
        model_name=text,
        thinking=text,
        tool_steps=[
            ToolStep("1", text, text, text, details={"p": {"sha256": text, "name": text, "media_type": "image/x"}})
        ],
        citations=[Citation(1, text, text, text, text)],
        attachments=[Attachment(text, text, text), Attachment(text, text, "image/png", width_px=1, height_px=1)],
    )
    failed = Message(text, text, status=FAILED, error=text)
    return Conversation([answer, failed], beside=[Message("user", text)])


@pytest.mark.parametrize("text", [DANGER, *HOSTILE.values()])
def test_nothing_that_anybody_wrote_can_run_or_fetch(text: str):
    page = as_html(text, said_everywhere(text), lead=text)
    assert_harmless(page)


@pytest.mark.parametrize("drawing", [CLEANED["script"], CLEANED["onload at the root"], CLEANED["image from outside"]])
def test_a_drawing_inside_is_cleaned(tmp_path: Path, drawing: str):
    files = AttachmentStore(tmp_path)
    root = assert_harmless(as_html("T", illustrated(files, drawing), read=file_reader(files)))
    [svg] = [data for kind, data in images(root) if kind == "image/svg+xml"]
    assert b"<rect" in svg and not any(word in svg for word in (b"script", b"onload", b"evil"))


def test_the_policy_lets_only_its_own_style_and_pictures_in():
    root = parsed(as_html("T", Conversation([Message("user", "Hi")])))
    [policy] = [meta.get("content") for meta in root.iter("meta") if meta.get("http-equiv")]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules.pop("style-src").startswith("'sha256-")
    assert rules.pop("img-src") == "data:" and set(rules.values()) == {"'none'"} and "default-src" in rules


def images(root: Any) -> Iterator[tuple[str, bytes]]:
    for image in root.iter("img"):
        kind, _, data = image.get("src").removeprefix("data:").partition(";base64,")
        yield kind, base64.b64decode(data)


def test_all_pictures_are_inside_in_their_order_and_can_be_seen(tmp_path: Path):
    files = AttachmentStore(tmp_path)
    root = assert_harmless(as_html("T", illustrated(files), read=file_reader(files)))
    captions = [caption.text_content() for caption in root.iter("figcaption")]
    assert [caption.partition(" · ")[0] for caption in captions] == NAMES
    assert [image.get("alt") for image in root.iter("img")] == captions
    colours = [
        Image.open(io.BytesIO(data)).convert("RGB").getpixel((0, 0)) for kind, data in images(root) if "png" in kind
    ]
    assert colours == [(0, 0, 255), (255, 0, 0), (0, 128, 0)]
    assert "Attached" not in root.text_content()


def test_a_picture_that_is_gone_is_a_line_of_text(tmp_path: Path):
    files = AttachmentStore(tmp_path)
    conversation = illustrated(files)
    files.remove(conversation.messages[0].attachments[0].sha256)
    root = assert_harmless(as_html("T", conversation, read=file_reader(files)))
    assert "sea.png: The file is no longer there." in root.text_content()
    assert len(list(root.iter("img"))) == len(NAMES) - 1


def test_every_message_stands_under_who_said_it_and_when_and_the_lead_stands_on_top():
    messages = [Message("user", f"Question {number}?", created_at="2026-07-01T10:00:00+00:00") for number in range(20)]
    root = assert_harmless(
        as_html("A **day**", Conversation(messages), ZoneInfo("Europe/Paris"), lead="# Summary\n\nx")
    )
    headings = [heading.text_content() for heading in root.iter("h2")]
    assert headings == ["You (2026-07-01 12:00 CEST)"] * 20
    assert [heading.text for heading in root.iter("h1")] == ["A **day**"]
    text = root.find("body").text_content()
    assert text.index("Summary") < text.index("Question 0?")
    assert [text.count(f"Question {number}?") for number in range(20)] == [1] * 20


def test_markdown_is_what_it_means():
    text = "# Head\n\n- **bold** `code`\n\n| a |\n|--:|\n| 1 |\n\n```\n<b>\n```\n\n[x](https://example.org) $e^{i\\pi}$"
    root = assert_harmless(as_html("T", Conversation([Message("assistant", text, thinking="Hm.")])))
    for path, words in {
        "h3": "Head",
        "li//strong": "bold",
        "li//code": "code",
        "td[@class='right']": "1",
        "pre/code": "<b>\n",
        "a[@href='https://example.org']": "x",
        "msup/mi": "e",
        "details/summary": "Thoughts",
    }.items():
        assert [found.text_content() for found in root.iterfind(f".//{path}")] == [words], path


@pytest.mark.parametrize("formula", FORMULAS)
def test_formulas_are_mathml(formula: str):
    root = assert_harmless(as_html("T", Conversation([Message("assistant", formula)])))
    assert len(list(root.iter("math"))) == 1


def test_a_thousand_messages_take_time_in_proportion():
    def export(count: int) -> None:
        for _ in html_parts("T", Conversation([Message("user", "**Hi** and `more`\n\n- x")] * count)):
            pass

    assert is_in_proportion(export, 200)
