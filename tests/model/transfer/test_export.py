"""Export: JSON from which the same conversations come back, Markdown that people can read, ZIPs that are safe."""

import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from controller.history.export import JSON as JSON_FILE
from controller.history.export import MARKDOWN, export_all, export_conversation, file_reader, fitting_ending
from model.chat.conversation import Conversation
from model.chat.message import COMPLETE, FAILED, INTERRUPTED, STOPPED, Message
from model.chat.message_parts import Attachment, Citation, ToolStep
from model.chat.titles import title_of
from model.store.attachments import AttachmentStore
from model.store.json_store import JsonStore
from model.transfer import importing
from model.transfer.export import as_json, as_markdown, as_markdown_zip, as_zip
from tests.illustrated import NAMES, coloured, illustrated
from tests.saved import door

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
TIMES = st.none() | st.integers(10, 99).map(lambda number: f"2026-01-01T00:00:{number % 60}.000+00:00")


@st.composite
def conversations(draw: st.DrawFn) -> Conversation:
    """Make a conversation up: any roles, branches, options and unknown keys."""
    messages: list[Message] = []
    for number in range(draw(st.integers(1, 7))):
        parents = st.sampled_from(["", *(message.id for message in messages)]) if messages else st.none()
        message = Message(
            draw(st.sampled_from(["user", "assistant", "system", "tool"])),
            draw(st.text()),
            id=f"{draw(st.uuids()).hex}{number}",
            status=draw(st.sampled_from([COMPLETE, STOPPED, FAILED, INTERRUPTED])),
            parent=draw(st.none() | parents),
            created_at=draw(TIMES),
            shown_at=draw(TIMES),
            extra=draw(st.dictionaries(st.text().map(lambda key: f"x_{key}"), JSON, max_size=2)),
        )
        messages.append(message)
    whole = Conversation.of_all(messages)
    options = st.dictionaries(st.text().map(lambda key: f"x_{key}"), JSON, max_size=2)
    whole.all_messages[0].conversation = draw(options) or None
    whole.choose(is_pinned=draw(st.booleans()), instructions=draw(st.text(max_size=9)))
    return whole


def parts(conversation: Conversation) -> tuple[list[Message], list[Message]]:
    """Return the shown branch and what stands beside it."""
    return conversation.messages, conversation.beside


def test_thoughts_are_a_folded_block_that_nothing_in_them_can_break():
    thinking = "Let me see.\r\n```python\nprint(1)\n</details><summary>x\rmore"
    conversation = Conversation([Message("user", "Why?"), Message("assistant", "Rain.", thinking=thinking)])
    conversation.messages[1].thinking_s = 12.0
    text = as_markdown("T", conversation)
    folded = "<details>\n<summary>Thought for 12 s</summary>\n\n> Let me see.\n> ```python\n> print(1)\n"
    assert f"## Assistant\n\n{folded}> &lt;/details>&lt;summary>x\n> more\n\n</details>\n\nRain.\n" in text
    kinds = [token.type for token in MarkdownIt().parse(text)]
    assert kinds.count("html_block") == 2 and kinds[-3:] == ["paragraph_open", "inline", "paragraph_close"]
    [(_, again)] = [(one.name, one.conversation) for one in importing.read(io.BytesIO(as_json([("T", conversation)])))]
    assert again.messages[1].thinking == thinking


@settings(max_examples=150, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(made=st.lists(conversations(), min_size=1, max_size=3))
def test_what_is_exported_as_json_comes_back_as_it_was(made: list[Conversation]):
    names = [f"Name {number}" for number in range(len(made))]
    data = as_json(zip(names, made, strict=True))
    found = list(importing.read(io.BytesIO(data)))
    assert [each.name for each in found] == names
    for each, conversation in zip(found, made, strict=True):
        again = Conversation.of_all([replace(message) for message in conversation.all_messages])
        assert parts(each.conversation) == parts(again)
        assert each.conversation.options == conversation.options
        assert not each.left_out


def test_the_store_holds_the_same_after_an_export_and_an_import(tmp_path):
    old, new = JsonStore(tmp_path / "old.json"), JsonStore(tmp_path / "new.json")
    old.save("Rain", Conversation([Message("user", "Hi"), Message("assistant", "Hello", rating="up")]))
    old.save("Snow", Conversation([Message("user", "One", extra={"x": {"y": [1.5, None]}})]))
    report = importing.import_all(io.BytesIO(export_all(door(old), JSON_FILE)), new)
    assert report.count(importing.TAKEN) == 2
    assert new.path.read_bytes() == old.path.read_bytes()


def test_markdown_has_every_message_word_for_word():
    content = "# A *title*\n\n```python\nprint('<b>')\n```\n  trailing  "
    text = as_markdown(
        "Rain & <snow>",
        Conversation(
            [
                Message("user", "How?", created_at="2026-01-01T12:00:00.000+00:00"),
                Message("assistant", content, model_name="gpt-5-mini", status=STOPPED),
            ]
        ),
        UTC,
    )
    assert text.startswith("# Rain \\& \\<snow\\>\n\n## You (2026-01-01 12:00 UTC)\n\nHow?\n\n")
    assert "## Assistant (gpt-5-mini, stopped)\n\n" + content in text


def test_markdown_tells_of_summaries_failures_and_other_branches():
    messages = [
        Message("user", "Hi"),
        Message("system", "We talked.", summary_of="x"),
        Message("assistant", "", status=FAILED, error="No connection."),
    ]
    text = as_markdown("T", Conversation(messages, beside=[Message("user", "another way")]))
    assert "## Summary of what was said before\n\nWe talked." in text
    assert "## Assistant (failed)\n\nThe answer failed: No connection." in text
    assert "another way" not in text and "1 message on other branches is not in this file" in text


def test_a_zip_has_a_file_for_each_conversation_whatever_its_name():
    names = ["Rain", "rain", "../../up", "CON", "a/b", ""]
    made = [(name, Conversation([Message("user", name)])) for name in names]
    packed = as_zip(made, ".md", lambda title, conversation: as_markdown(title, conversation).encode())
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        files = archive.namelist()
        assert len({file.casefold() for file in files}) == len(names)
        assert [file for file in files if "/" in file or "\\" in file or file.startswith(".")] == []
        assert b"rain" in archive.read("rain (2).md")


@pytest.mark.parametrize(("content", "title"), [("What is\n rain?", "What is rain?"), ("", "Conversation")])
def test_a_conversation_without_a_name_is_called_by_its_first_words(content: str, title: str):
    assert title_of(Conversation([Message("user", content)])) == title
    assert list(json.loads(as_json([(title, Conversation([Message("user", content)]))]))) == [title]


def test_markdown_tells_of_files_steps_and_sources():
    steps = [ToolStep("a", "look_up", "Look up", '{"topic": "sea"}', at=5)]
    answer = Message(
        "assistant", "Wait.\n\nIt is blue [1].", tool_steps=steps, citations=[Citation(1, "Sea", "https://x")]
    )
    question = Message("user", "Colour?", attachments=[Attachment("0" * 64, "sea.txt")])
    told = as_markdown("Blue", Conversation([question, answer]))
    assert "Colour?\n\n*Attached: sea.txt*" in told
    assert 'Wait.\n\n> Look up: `{"topic": "sea"}`\n\nIt is blue [1].\n\n1. Sea · https://x' in told


def test_names_that_strangers_gave_are_no_markdown_in_an_export():
    picture = "![x](http://127.0.0.1:9/leak) <b>"
    answer = Message(
        *(f"role {picture}", "words"),
        model_name=picture,
        tool_steps=[ToolStep("1", picture, picture, picture)],
        citations=[Citation(1, picture, f"http://127.0.0.1:9/{picture}", "", picture)],
        attachments=[Attachment("0" * 64, picture)],
    )
    tokens = MarkdownIt("commonmark").parse(as_markdown(picture, Conversation([answer])))
    parts = [part.type for token in tokens for part in token.children or []]
    assert {"image", "link_open", "html_inline"}.isdisjoint(parts)


def test_markdown_with_pictures_is_a_zip_in_which_every_picture_is_found_where_the_text_says(tmp_path):
    files = AttachmentStore(tmp_path)
    conversation = illustrated(files)
    conversation.messages.append(conversation.messages[0])
    packed = export_conversation("A/b", conversation, fitting_ending(conversation, MARKDOWN), read=file_reader(files))
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        text = archive.read("A-b.md").decode()
        tokens = [part for token in MarkdownIt().parse(text) for part in token.children or []]
        places = [unquote(str(part.attrGet("src"))) for part in tokens if part.type == "image"]
        assert [place.partition("-")[2] for place in places] == [*NAMES, NAMES[0]]
        assert set(archive.namelist()) == {"A-b.md", *places} and len(set(places)) == len(NAMES)
        assert archive.read(places[0]) == coloured("blue") and places[-1] == places[0]


def test_markdown_alone_names_its_pictures_and_one_that_is_gone_is_told():
    conversation = Conversation([Message("user", "?", attachments=[Attachment("0" * 64, "sea.png", "image/png")])])
    assert "*Picture: sea.png*" in as_markdown("T", conversation)
    with zipfile.ZipFile(io.BytesIO(as_markdown_zip([("T", conversation)]))) as archive:
        assert b"*sea.png: The file is no longer there.*" in archive.read("T.md") and len(archive.namelist()) == 1


def test_without_pictures_markdown_stays_markdown():
    conversation = Conversation([Message("user", "?", attachments=[Attachment("0" * 64, "sea.txt")])])
    assert fitting_ending(conversation, MARKDOWN) == MARKDOWN


def test_a_lead_stands_on_top_of_markdown():
    text = as_markdown("T", Conversation([Message("user", "Hi")]), lead="## Summary\n\nA day.")
    assert text.startswith("# T\n\n## Summary\n\nA day.\n\n## You")


def test_all_conversations_in_markdown_share_a_folder_of_pictures(tmp_path):
    files, store = AttachmentStore(tmp_path), JsonStore(tmp_path / "c.json")
    for name in ("One", "Two"):
        store.save(
            name, Conversation.of_all([replace(each, id=name + each.id) for each in illustrated(files).messages])
        )
    with zipfile.ZipFile(io.BytesIO(export_all(door(store), MARKDOWN, read=file_reader(files)))) as archive:
        names = archive.namelist()
    assert {"One.md", "Two.md"} < set(names) and len(names) == 2 + len(NAMES)
