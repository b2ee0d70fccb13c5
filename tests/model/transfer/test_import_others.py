"""Open WebUI's and LibreChat's exports, and the shapes that bnaGPT itself has had."""

import io
import json
from typing import Any

import pytest

from model.chat.message import FAILED, INTERRUPTED
from model.chat.options import Options
from model.transfer import importing
from model.transfer.foreign import Imported, in_words
from tests.conversations import contents


def taken(data: Any) -> Imported:
    return next(importing.read(io.BytesIO(json.dumps(data).encode())))


def webui(message_id: str, parent: str | None, role: str, content: Any, **more: Any) -> dict[str, Any]:
    return {"id": message_id, "parentId": parent, "role": role, "content": content, "timestamp": 1700000000, **more}


def webui_chat(*messages: dict[str, Any], current: str = "") -> list[dict[str, Any]]:
    history = {"currentId": current, "messages": {each["id"]: each for each in messages}}
    return [{"id": "x", "title": "T", "chat": {"title": "inner", "models": ["m"], "history": history}}]


def test_open_webui_keeps_branches_models_and_times():
    question, old = webui("a", None, "user", "q"), webui("b", "a", "assistant", "old", model="llama3")
    found = taken(webui_chat(question, old, webui("c", "a", "assistant", "new"), current="b"))
    assert (found.name, contents(found.conversation)) == ("T", ["q", "old"])
    answer = found.conversation.messages[1]
    assert (answer.model_name, answer.created_at) == ("llama3", "2023-11-14T22:13:20.000+00:00")
    assert [message.content for message in found.conversation.beside] == ["new"]


def test_open_webui_keeps_messages_whose_links_are_broken():
    messages = [webui("a", None, "user", "q"), webui("b", "gone", "assistant", "answer"), webui("c", "b", "user", "on")]
    assert contents(taken(webui_chat(*messages, current="c")).conversation) == ["q", "answer", "on"]


def test_open_webui_keeps_thoughts_and_leaves_out_tools_and_files():
    thought = '<details type="reasoning" done="true"><summary>Thought</summary>hm</details>42'
    tool = '<details type="tool_calls"><summary>x</summary>y</details>Rain. <details type="reasoning">open'
    image = {"type": "image", "url": "data:image/png;base64,AAAA"}
    found = taken(
        webui_chat(
            webui("a", None, "user", [{"type": "text", "text": "q"}, {"type": "image_url"}], files=[image, {}]),
            webui("b", "a", "assistant", thought),
            webui("c", "b", "assistant", tool),
            current="c",
        )
    )
    assert contents(found.conversation) == ["q", "42", 'Rain. <details type="reasoning">open']
    assert found.conversation.messages[1].thinking == "hm"
    assert in_words(found.left_out) == "2 images, 1 attached file, 1 tool step"


def test_open_webui_writes_thoughts_as_quotes_with_their_seconds():
    first = '<details type="reasoning" done="true" duration="12">\n<summary>Thought for 12 seconds</summary>\n'
    text = first + "&gt; Is 1 &lt; 2?\n&gt; \n&gt; > Yes.\n</details>\n"
    text += '<details type="reasoning" done="true" duration="3">\n<summary>x</summary>\n> So.\n</details>\nIt is.'
    only = '<details type="reasoning" done="false">\n<summary>Thinking…</summary>\n> Half\n</details>'
    messages = [webui("a", None, "user", "q"), webui("b", "a", "assistant", text), webui("c", "b", "assistant", only)]
    found = taken(webui_chat(*messages, current="c"))
    answer, stopped = found.conversation.messages[1:]
    assert (answer.content, answer.thinking) == ("It is.", "Is 1 < 2?\n\n> Yes.\n\nSo.")
    assert answer.thinking_s == 15.0
    assert (stopped.content, stopped.thinking, stopped.thinking_s) == ("", "Half", None)
    assert not found.left_out


def test_open_webui_of_old_is_a_list_without_a_tree():
    messages = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "answer"}]
    assert contents(taken([{"title": "T", "chat": {"messages": messages}}]).conversation) == ["q", "answer"]


def libre(message_id: str, parent: str, text: str, is_question: bool, **more: Any) -> dict[str, Any]:
    names = {"messageId": message_id, "parentMessageId": parent, "isCreatedByUser": is_question}
    return {**names, "text": text, "model": None if is_question else "gpt-4o", **more}


ROOT = "00000000-0000-0000-0000-000000000000"


def test_librechat_keeps_branches_and_options():
    messages = [
        libre("a", ROOT, "q", True, createdAt="2024-05-28T18:08:55.014Z"),
        libre("b", "a", "old", False, createdAt="2024-05-28T18:08:56Z"),
        libre("c", "a", "new", False, createdAt="2024-05-28T18:08:57Z"),
    ]
    options = {"promptPrefix": "Be brief.", "temperature": 0.8, "model": "gpt-4o"}
    found = taken({"conversationId": "x", "title": "T", "recursive": False, "options": options, "messages": messages})
    assert (found.name, contents(found.conversation)) == ("T", ["q", "new"])
    assert found.conversation.messages[1].model_name == "gpt-4o"
    assert found.conversation.messages[0].created_at == "2024-05-28T18:08:55.014+00:00"
    assert found.conversation.options == Options(instructions="Be brief.", temperature=0.8)
    assert [message.content for message in found.conversation.beside] == ["old"]


@pytest.mark.parametrize("key", ["messages", "messagesTree"])
def test_librechat_may_put_answers_into_questions(key: str):
    tree = [libre("a", ROOT, "q", True, children=[libre("b", "a", "answer", False, children=[])])]
    found = taken({"conversationId": "x", "title": "T", "recursive": True, key: tree})
    assert contents(found.conversation) == ["q", "answer"]


def test_librechat_tells_of_failures_thoughts_and_tools():
    content = [{"type": "think", "think": "hm"}, {"type": "text", "text": {"value": "Rain."}}, {"type": "tool_call"}]
    messages = [
        libre("a", ROOT, "q", True),
        libre("b", "a", "", False, content=content, unfinished=True),
        libre("c", "b", "Boom", False, error=True),
        libre("d", "c", "", False),
    ]
    found = taken({"conversationId": "x", "messages": messages})
    assert contents(found.conversation) == ["q", "Rain.", "Boom"]
    assert [message.status for message in found.conversation.messages[1:]] == [INTERRUPTED, FAILED]
    assert found.conversation.messages[1].thinking == "hm"
    assert in_words(found.left_out) == "1 tool step, 1 message without text"


def test_librechat_marked_thoughts_in_the_text_before():
    messages = [
        libre("a", ROOT, ":::thinking\nI am a person.\n:::\nq", True),
        libre("b", "a", ":::thinking\nFirst.\n\nSecond.\n:::\nRain.", False),
        libre("c", "b", "", False, content=[{"type": "think", "think": "<think>hm</think>"}]),
    ]
    found = taken({"conversationId": "x", "messages": messages})
    assert contents(found.conversation) == [":::thinking\nI am a person.\n:::\nq", "Rain.", ""]
    assert [message.thinking for message in found.conversation.messages] == [None, "First.\n\nSecond.", "hm"]


HI = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello", "x": 1}]


@pytest.mark.parametrize("data", [{"T": HI}, {"T": {"messages": HI}}, [{"title": "T", "messages": HI}]])
def test_bnagpts_own_shapes_are_read(data: Any):
    found = taken(data)
    assert (found.name, contents(found.conversation)) == ("T", ["Hi", "Hello"])
    assert found.conversation.messages[1].extra == {"x": 1}


def test_a_bare_list_of_messages_is_one_conversation():
    assert contents(taken(HI).conversation) == ["Hi", "Hello"]


def test_what_stood_around_the_messages_is_kept():
    found = taken({"T": {"id": 7, "messages": HI, "metadata": {"a": [1]}}})
    assert found.conversation.options.extra == {"imported": {"id": 7, "metadata": {"a": [1]}}}


def test_an_answer_that_was_being_written_counts_as_interrupted():
    found = taken({"T": [{"role": "assistant", "content": "half", "status": "streaming"}]})
    assert found.conversation.messages[0].status == INTERRUPTED
