"""Files go into a sandbox and come out of it, and nothing is taken for what its name says."""

import json
from dataclasses import replace

from controller.resources import Resources
from controller.stages.run_code.controller import RunCodeController
from controller.stages.run_code.tool import attached, sandboxes_of
from model.chat.conversation import Conversation
from model.chat.message import Message
from tests.scripted_server import Reply, ScriptedServer
from utils.text.untrusted import unfenced


def code(source: str) -> tuple[str, str]:
    return "run_code", json.dumps({"code": source})


def ask(controller: RunCodeController, conversation: Conversation, prompt: str = "Go.") -> Message:
    list(controller.reply(conversation, prompt))
    return conversation.messages[-1]


def test_attached_files_can_be_read_and_new_files_are_kept(
    controller: RunCodeController, resources: Resources, server: ScriptedServer
):
    attached = resources.attachments.put("../my data.csv", b"a,b\n1,2\n")
    source = "text = open('my data.csv').read()\nopen('copy.txt', 'w').write(text)"
    server.script(Reply(tool_calls=[code(source)]), Reply("Done."))
    conversation = Conversation()
    list(controller.reply(conversation, "Copy it.", attachments=[attached]))
    [step] = conversation.messages[-1].tool_steps
    assert unfenced(step.result or "") == "Value:\n8\n\nFiles: copy.txt"
    [file] = step.details["files"]
    assert (file["name"], file["size_bytes"], file["media_type"]) == ("copy.txt", 8, "application/octet-stream")
    assert resources.attachments.path(file["sha256"]).read_bytes() == b"a,b\n1,2\n"
    [tool] = server.requests[0].body["tools"]
    assert "Attached files: my data.csv." in tool["function"]["description"]


def test_very_many_files_are_not_all_kept(controller: RunCodeController):
    source = "for n in range(30):\n    with open(f'{n}.txt', 'w') as file: file.write('x' * n)"
    answer = ask(controller, Conversation(), f"```\n{source}\n```")
    assert len(answer.tool_steps[0].details["files"]) == 20
    assert "(10 more files were left out: they are too many or too large.)" in answer.content


def test_the_newest_attached_files_go_in_while_there_is_room(controller: RunCodeController, resources: Resources):
    sandboxes = sandboxes_of(resources)
    sandboxes.limits = replace(sandboxes.limits, folder_bytes=2000)
    files = [resources.attachments.put("data.csv", str(n).encode() * 400) for n in range(5)]
    assert list(attached(resources, files)) == ["data (4).csv", "data (5).csv"]


def test_files_of_a_temporary_conversation_are_never_beside_the_others(
    controller: RunCodeController, resources: Resources, server: ScriptedServer
):
    server.script(Reply(tool_calls=[code("open('secret.txt', 'w').write('x')")]), Reply("Done."))
    [step] = ask(controller, Conversation(is_temporary=True)).tool_steps
    assert resources.attachments.path(step.details["files"][0]["sha256"]).read_bytes() == b"x"
    assert resources.attachments.digests() == set()


def test_a_picture_is_one_by_its_bytes_and_not_by_its_name(controller: RunCodeController, server: ScriptedServer):
    server.script(Reply(tool_calls=[code("open('fake.png', 'w').write('<svg onload=alert(1)>')")]), Reply("Done."))
    [step] = ask(controller, Conversation()).tool_steps
    assert step.details["files"][0]["media_type"] == "application/octet-stream"
