"""What strangers wrote is never drawn as Markdown: every text of a saved conversation bears marks, on every page."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import regex

from controller.stages import STAGES
from tests.scripted_server import Reply, ScriptedServer
from tests.view.conftest import Screen

PICTURE = "![x](http://127.0.0.1:9/leak) :rainbow[y] <img src=http://127.0.0.1:9/leak>"
# What Streamlit 1.67 shows as it is, by the kind of element and its field; all else could be Markdown.
LITERAL = {
    "BidiComponent.js_content",  # our own script
    "BidiComponent.json",  # which makes text of it (`tests/browser/test_long_lists.py`)
    *("Code.code_text", "Text.body", "TextInput.default", "TextInput.value", "TextArea.default", "TextArea.value"),
    *("ChatMessage.name", "ChatInput.value", "Selectbox.options", "Selectbox.raw_value", "MultiSelect.options"),
    *("Json.body", "LinkButton.url", "PageConfig.title"),
}
IMAGE = regex.compile(r"(?<!\\)(?:\\\\)*!\[|(?<!\\)(?:\\\\)*\]\((?!#)|(?<!\\)(?:\\\\)*<img|(?<!\\):rainbow\[", regex.I)


def words_of(proto: Any, kind: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of an element with its kind and field, wherever it stands in it."""
    for field, value in proto.ListFields():
        name = f"{proto.DESCRIPTOR.name}.{field.name}"
        many = value if field.is_repeated and not isinstance(value, str) else [value]
        if field.type == field.TYPE_MESSAGE:
            if not (field.message_type.GetOptions().map_entry):
                for each in many:
                    yield from words_of(each, name)
        elif field.type == field.TYPE_STRING:
            yield from ((name, each) for each in many)


def drawn_as_markdown(screen: Screen) -> list[tuple[str, str]]:
    """Return each text on a page in which a mark of a stranger would be seen as more than text."""
    assert not screen.app.exception
    protos = [node.proto for node in screen.app._tree if hasattr(getattr(node, "proto", None), "ListFields")]
    texts = (text for proto in protos for text in words_of(proto))
    return [
        (name, text) for name, text in texts if not (name in LITERAL or name.endswith(".id")) and IMAGE.search(text)
    ]


def marked(**more: Any) -> dict[str, Any]:
    """Return a message in which every text that is not its content bears marks."""
    step = {
        **{"id": "call_1", "name": f"name {PICTURE}", "label": f"label {PICTURE}", "round": 1, "duration_s": 1.0},
        **{"arguments": json.dumps({f"key {PICTURE}": f"value {PICTURE}"}), "result": f"result {PICTURE}"},
        "details": {
            f"detail {PICTURE}": f"shown {PICTURE}",
            "used": f"used {PICTURE}",
            "note": f"note {PICTURE}",
            "table": {"columns": [f"column {PICTURE}"], "rows": [[f"cell {PICTURE}"]], "row_count": 1},
            "files": [{"name": f"file {PICTURE}", "sha256": "0" * 64, "media_type": "image/png"}],
            "pictures": [
                {"sha256": "1" * 64, "name": f"picture {PICTURE}", "media_type": "image/png", "size_bytes": 1}
                | {"width_px": 8, "height_px": 8, "prompt": PICTURE, "wording": PICTURE, "model_name": PICTURE}
            ],
        },
    }
    broken = step | {"id": "call_2", "is_error": True, "arguments": f"no JSON {PICTURE}"}
    citation = {"number": 1, "title": f"title {PICTURE}", "passage": PICTURE, "place": f"place {PICTURE}"}
    file = {"sha256": "2" * 64, "name": f"attached {PICTURE}", "media_type": PICTURE, "size_bytes": 1, "words": PICTURE}
    return {
        "role": "assistant",
        "content": "Plain words [1].",
        "model_name": f"model {PICTURE}",
        "provider": f"provider {PICTURE}",
        "stage": f"stage {PICTURE}",
        "thinking": f"thinking {PICTURE}",
        "thinking_s": 1.5,
        "tool_steps": [step, broken, step | {"id": "call_3", "name": "run_code", "round": 0}],
        "citations": [citation, citation | {"number": 2, "address": f"https://example.org/{PICTURE}"}],
        "attachments": [file, file | {"sha256": "3" * 64, "width_px": 9, "height_px": 9}],
    } | more


@pytest.fixture
def conversation_id(tmp_path: Path) -> str:
    """Save a conversation whose every text bears marks, and return its id."""
    about = {"id": PICTURE, "name": f"assistant {PICTURE}", "emoji": PICTURE}
    options: dict[str, Any] = {
        "instructions": PICTURE,
        "provider": PICTURE,
        "model_name": f"chosen {PICTURE}",
        "tools": ["run_code"],
    }
    options |= {"sees_pictures": {PICTURE: True}, "background": [{"kind": PICTURE, "model_name": PICTURE}]}
    options |= {"answer_schema": {"type": "object", "required": [PICTURE], "title": PICTURE}}
    messages = [
        {"role": "system", "content": "Be kind.", "id": "first", "assistant": about, "conversation": options},
        {"role": "user", "content": "hi", "attachments": marked()["attachments"]},
        marked(),
        marked(role=f"role {PICTURE}", content="odd"),
        marked(role="tool", content="odder"),
        {"role": "user", "content": "again"},
        marked(status="failed", error=f"error {PICTURE}", hint=f"hint {PICTURE}"),
        {"role": "user", "content": "once more", "created_at": PICTURE},
        marked(content='{"answer": 1}', created_at=PICTURE, summary_of=None, rating=PICTURE),
    ]
    text = json.dumps({f"name {PICTURE}": messages})
    (tmp_path / "conversations.json").write_text(text, encoding="utf-8")
    return "first"


@pytest.mark.parametrize("slug", [row.slug for row in STAGES])
def test_nothing_of_a_saved_conversation_is_drawn_as_markdown(
    slug: str, open_page: Callable[..., Screen], conversation_id: str, server: ScriptedServer
):
    server.models = [f"model {PICTURE}"]
    screen = open_page(slug, conversation_id)
    assert drawn_as_markdown(screen) == []
    if conversation_id in screen.entries.values():
        screen.send({"do": "open", "id": conversation_id})
        assert "leak" in screen.everything()
    assert drawn_as_markdown(screen) == []


def test_an_error_of_a_server_is_drawn_as_it_is(screen: Screen, server: ScriptedServer):
    server.script(Reply(status=400, error_message=PICTURE))
    screen.ask("hi")
    assert drawn_as_markdown(screen) == [] and screen.errors
