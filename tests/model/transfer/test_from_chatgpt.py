"""ChatGPT's export: all branches, the shown one shown, and an account of what could not be taken."""

import io
import json
from typing import Any

import pytest

from model.transfer import importing
from model.transfer.foreign import Imported, in_words
from tests.waiting import daily

CHAIN = daily(10_000, 100_000)  # deeper than any recursion goes


def node(node_id: str, parent: str | None, role: str, *parts: Any, **more: Any) -> dict[str, Any]:
    """Return a node of the tree with a message in it."""
    kind = more.pop("content_type", "text")
    message = {
        "id": node_id,
        "author": {"role": role, "name": None, "metadata": {}},
        "create_time": 1756000000.5,
        "content": {"content_type": kind, "parts": list(parts)},
        "metadata": {"model_slug": "gpt-5"},
        "recipient": "all",
    }
    return {"id": node_id, "parent": parent, "children": [], "message": message | more}


def taken(*nodes: dict[str, Any], current_node: str = "", **more: Any) -> Imported:
    """Return what a conversation of these nodes becomes."""
    root: dict[str, Any] = {"id": "root", "message": None, "parent": None, "children": []}
    mapping = {each["id"]: each for each in [root, *nodes]}
    data = [{"title": "T", "mapping": mapping, "current_node": current_node, **more}]
    return next(importing.read(io.BytesIO(json.dumps(data).encode())))


def shown(found: Imported) -> list[str]:
    return [message.content for message in found.conversation.messages]


def test_a_plain_conversation_keeps_roles_times_and_models():
    found = taken(node("a", "root", "user", "Hi"), node("b", "a", "assistant", "Hello", "there"), current_node="b")
    question, answer = found.conversation.messages
    assert (found.name, question.role, question.content, question.id) == ("T", "user", "Hi", "a")
    assert (answer.role, answer.content, answer.model_name) == ("assistant", "Hello\n\nthere", "gpt-5")
    assert question.created_at == "2025-08-24T01:46:40.500+00:00" and question.model_name is None
    assert not found.left_out


@pytest.mark.parametrize(("current", "path"), [("d", ["q", "one", "more"]), ("c", ["q", "two"]), ("e", ["other"])])
def test_all_branches_are_kept_and_the_current_one_is_shown(current: str, path: list[str]):
    found = taken(
        node("a", "root", "user", "q"),
        node("b", "a", "assistant", "one"),
        node("c", "a", "assistant", "two"),
        node("d", "b", "user", "more"),
        node("e", "root", "user", "other"),
        current_node=current,
    )
    assert shown(found) == path
    assert sorted(m.content for m in found.conversation.all_messages) == ["more", "one", "other", "q", "two"]


@pytest.mark.parametrize(
    ("extra", "left_out"),
    [
        (node("x", "a", "tool", "result"), "1 tool step"),
        (node("x", "a", "assistant", '{"prompt": "a cat"}', recipient="dalle.text2im"), "1 tool step"),
        (node("x", "a", "assistant", content_type="thoughts"), ""),
        (node("x", "a", "assistant", content_type="reasoning_recap"), ""),
        (node("x", "a", "user", content_type="user_editable_context"), "1 set of custom instructions"),
        (node("x", "a", "user", "a", metadata={"is_visually_hidden_from_conversation": True}), "1 hidden message"),
        (node("x", "a", "system", "", metadata={"is_visually_hidden_from_conversation": True}), ""),
        (node("x", "a", "critic", "hm"), "1 message without text"),
        (node("x", "a", "assistant", ""), ""),
    ],
)
def test_what_is_no_part_of_the_talk_is_left_out_and_told(extra: dict[str, Any], left_out: str):
    found = taken(node("a", "root", "user", "q"), extra, node("b", "x", "assistant", "answer"), current_node="b")
    assert shown(found) == ["q", "answer"]
    assert in_words(found.left_out) == left_out


def thoughts(node_id: str, parent: str, *told_thoughts: tuple[str, str]) -> dict[str, Any]:
    """Return a node that tells what the model thought."""
    listed = [{"summary": heading, "content": text, "chunks": [], "finished": True} for heading, text in told_thoughts]
    content = {"content_type": "thoughts", "thoughts": listed, "source_analysis_msg_id": "s"}
    return node(node_id, parent, "assistant", content=content)


def recap(node_id: str, parent: str, seconds: Any) -> dict[str, Any]:
    """Return a node that tells how long it thought."""
    content = {"content_type": "reasoning_recap", "content": "Thought for a while"}
    return node(node_id, parent, "assistant", content=content, metadata={"finished_duration_sec": seconds})


def test_thoughts_are_kept_with_the_answer_that_they_led_to():
    found = taken(
        node("a", "root", "user", "q"),
        thoughts("t1", "a", ("Looking", "I must look."), ("", "And again.")),
        node("tool", "t1", "tool", "result"),
        thoughts("t2", "tool", ("Answering", "")),
        recap("r", "t2", 33),
        node("b", "r", "assistant", "answer"),
        node("c", "b", "user", "on"),
        node("d", "c", "assistant", "more"),
        current_node="d",
    )
    answer, last = found.conversation.messages[1], found.conversation.messages[3]
    assert answer.thinking == "**Looking**\n\nI must look.\n\nAnd again.\n\n**Answering**"
    assert answer.thinking_s == 33 and (last.thinking, last.thinking_s) == (None, None)
    assert in_words(found.left_out) == "1 tool step"


def test_each_version_of_an_answer_keeps_its_thoughts_and_those_without_an_answer_are_told():
    found = taken(
        node("a", "root", "user", "q"),
        thoughts("t1", "a", ("", "One way.")),
        node("b", "t1", "assistant", "one"),
        thoughts("t2", "a", ("", "Another.")),
        node("c", "t2", "assistant", "two"),
        thoughts("t3", "a", ("", "Cut off.")),
        current_node="b",
    )
    by_text = {message.content: message.thinking for message in found.conversation.all_messages}
    assert by_text == {"q": None, "one": "One way.", "two": "Another."}
    assert in_words(found.left_out) == "1 thought before an answer"


@pytest.mark.parametrize("seconds", [None, "9", True, -1, 1e300, []])
def test_odd_thoughts_harm_nothing(seconds: Any):
    odd = node("t", "r", "assistant", content={"content_type": "thoughts", "thoughts": [7, {"summary": 1}, None, {}]})
    found = taken(
        node("a", "root", "user", "q"),
        recap("r", "t", seconds),
        odd,
        node("b", "r", "assistant", "x"),
        current_node="b",
    )
    answer = next(message for message in found.conversation.all_messages if message.content == "x")
    assert (answer.thinking, answer.thinking_s) == (None, None)


def test_a_question_that_is_only_pictures_keeps_its_place():
    picture = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://x"}
    found = taken(
        node("a", "root", "user", picture, picture, content_type="multimodal_text"),
        node("b", "a", "assistant", "Two cats."),
        current_node="b",
    )
    assert shown(found) == ["[2 images]", "Two cats."] and in_words(found.left_out) == "2 images"


def test_a_spoken_question_is_taken_by_its_words():
    said = {"content_type": "audio_transcription", "text": "Hi"}
    sound = {"content_type": "real_time_user_audio_video_asset_pointer"}
    found = taken(node("a", "root", "user", said, sound, content_type="multimodal_text"), current_node="a")
    assert shown(found) == ["Hi"] and in_words(found.left_out) == "1 recording"


def test_code_that_ran_stands_as_code_and_attached_files_are_counted():
    code = {"content_type": "code", "language": "python", "text": "print(1)"}
    files = {"attachments": [{"mime_type": "application/pdf"}, {"mime_type": "image/png"}]}
    found = taken(
        node("a", "root", "user", "run it", metadata=files),
        node("b", "a", "assistant", content=code, recipient="python"),
        current_node="b",
    )
    assert shown(found) == ["run it", "```python\nprint(1)\n```"] and in_words(found.left_out) == "1 attached file"


def test_marks_of_sources_are_taken_out():
    found = taken(node("a", "root", "assistant", "Rain\ue200cite\ue202turn0search1\ue201 falls."), current_node="a")
    assert shown(found) == ["Rain falls."] and in_words(found.left_out) == "1 link to a source"


@pytest.mark.parametrize("moment", [None, "soon", float("nan"), 1e400, -1, 10**30, [], True, 4e9])
def test_a_time_that_can_not_be_is_left_out(moment: Any):
    found = taken(node("a", "root", "user", "q", create_time=moment), current_node="a")
    assert found.conversation.messages[0].created_at is None


@pytest.mark.parametrize("current", [None, "gone", 7, "root"])
def test_without_a_current_node_the_newest_branch_is_shown(current: Any):
    nodes = [node("a", "root", "user", "q"), node("b", "a", "assistant", "old"), node("c", "a", "assistant", "new")]
    nodes[2]["message"]["create_time"] += 9
    assert shown(taken(*nodes, current_node=current)) == ["q", "new"]


@pytest.mark.parametrize("parents", [("b", "a"), ("a", "b"), ("gone", "gone"), (None, None), (7, [])])
def test_circles_and_broken_links_lose_no_message(parents: tuple[Any, Any]):
    found = taken(node("a", parents[0], "user", "q"), node("b", parents[1], "assistant", "answer"), current_node="b")
    assert sorted(m.content for m in found.conversation.all_messages) == ["answer", "q"]


def test_a_chain_of_very_many_messages_is_no_trouble():
    nodes = [node(str(number), str(number - 1), "user", "x") for number in range(1, CHAIN)]
    assert len(shown(taken(node("0", "root", "user", "x"), *nodes, current_node=str(CHAIN - 1)))) == CHAIN


B, S, E = "\ue200", "\ue202", "\ue201"
CITED = f"{B}cite{S}turn0search1{S}turn0search2{E}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f'Go to {B}entity{S}["city","Oslo","x"]{E} now.', "Go to Oslo now."),
        (f'By {B}entity{S}["people", "Nathaniel L. Erb-Satullo", 0]{E}.', "By Nathaniel L. Erb-Satullo."),
        (f'{B}entity{S}["company","A, \\"B\\" & C"]{E}', 'A, "B" & C'),
        (f"{B}entity{S}plain label{E}", "plain label"),
        (f"See {B}url{S}the docs{S}https://example.com/a{E}.", "See [the docs](<https://example.com/a>)."),
        (f"{B}url{S}the docs{S}turn0search3{E}", "the docs"),
        (f"{B}link_title{S}Open Site{S}search1{E}", "Open Site"),
        (f"{B}navlist{S}More news{S}turn0news1,turn0news2{E}", "More news"),
        (f"{B}video{S}How rain forms{S}turn0youtube1{E}", "How rain forms"),
        (f'So {B}genui{S}{{"math_block_widget_v2": {{"content": "E=mc^2"}}}}{E}.', "So \n$$\nE=mc^2\n$$\n."),
        (f'Rain{B}genui{S}{{"chart": {{"content": "x"}}}}{E} falls.', "Rain falls."),
        (f"Rain{CITED} falls.", "Rain falls."),
        (f"Rain{B}filecite{S}turn0file0{S}L10-L20{E} falls.", "Rain falls."),
        (f'Rain{B}image_group{S}{{"query": ["a"]}}{E} falls.', "Rain falls."),
        (f"Rain{B}memcite{S}x{E}{B}iturn0image0{E} falls.", "Rain falls."),
        (f"Rain {B}entity broken off", "Rain entity broken off"),
        (f"{B}entity{S}[{E}{B}entity{S}{E}{B}{E}!", "[!"),
    ],
)
def test_the_words_in_marks_stay(text: str, words: str):
    assert shown(taken(node("a", "root", "assistant", text), current_node="a")) == [words]


def test_what_the_export_says_of_a_mark_stands_in_its_place():
    link = "([example.com](https://example.com/rain))"
    references = [
        None,
        {"matched_text": CITED, "type": "grouped_webpages", "alt": link},
        {"matched_text": 5, "alt": []},
    ]
    answer = node("a", "root", "assistant", f"Rain {CITED}", metadata={"content_references": references})
    found = taken(answer, current_node="a")
    assert shown(found) == [f"Rain {link}"] and not found.left_out


def test_an_answer_without_a_model_has_that_of_the_conversation():
    nodes = [node("a", "root", "user", "Hi"), node("b", "a", "assistant", "Hello", metadata={})]
    question, answer = taken(*nodes, current_node="b", default_model_slug="gpt-5-thinking").conversation.messages
    assert (question.model_name, answer.model_name) == (None, "gpt-5-thinking")
