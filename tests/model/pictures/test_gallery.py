"""The gallery: pictures of all conversations, newest first, also those on other branches."""

from pathlib import Path

from model.chat.conversation import Conversation
from model.chat.message_parts import ToolStep
from model.pictures.commands import MAKE
from model.pictures.gallery import MARKS, gallery
from model.pictures.picture import Picture
from model.store.json_store import JsonStore


def picture(name: str) -> Picture:
    return Picture("a" * 64, name, "image/png", 5, 1, 1, "a fox")


def conversation_with(*names: str) -> Conversation:
    conversation = Conversation()
    for name in names:
        _, answer = conversation.ask(f"Make {name}")
        answer.content, answer.status = "Here.", "complete"
        answer.tool_steps = [ToolStep("1", MAKE, result="Made.", details={"pictures": [picture(name).to_row()]})]
    return conversation


def test_the_newest_conversation_comes_first_and_in_it_the_newest_picture(tmp_path: Path):
    store = JsonStore(tmp_path / "conversations.json")
    old, new, none = conversation_with("one.png", "two.png"), conversation_with("three.png"), conversation_with()
    none.ask('What are "pictures"?')
    for name, each in (("Old", old), ("New", new), ("None", none)):
        store.save(name, each)
    hung = gallery(store.mentioning(*MARKS))
    assert [each.picture.name for each in hung] == ["three.png", "two.png", "one.png"]
    assert [(each.conversation_name, each.conversation_id) for each in hung[:2]] == [("New", new.id), ("Old", old.id)]


def test_plots_hang_there_too_and_other_files_do_not(tmp_path: Path):
    store, conversation = JsonStore(tmp_path / "conversations.json"), Conversation()
    _, answer = conversation.ask("Plot it")
    files = [
        {"sha256": "b" * 64, "name": "figure-1.png", "media_type": "image/png", "size_bytes": 5},
        {"sha256": "c" * 64, "name": "a.csv", "media_type": "application/octet-stream", "size_bytes": 5},
    ]
    answer.tool_steps = [ToolStep("1", "run_code", result="Files", details={"files": files})]
    store.save("Plots", conversation)
    assert [(each.picture.name, each.picture.prompt) for each in gallery(store.mentioning(*MARKS))] == [
        ("figure-1.png", "Plot it")
    ]
