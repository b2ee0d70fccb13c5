"""Stage 6, Run Code: the agent runs Python that it wrote, and mends it when it fails.

Adds: one tool, whose code runs in a sandbox, by the model or by hand. A message that is one block of code and
nothing else is run as it is, and no model is asked. A model that can't call tools is asked for code first, in a small
request of its own; its code is run, and the result stands in front of the question.
Leaves out: packages that the sandbox does not have, and the network.
"""

import re
from contextlib import suppress

from controller.chat.completion import complete_once
from controller.small_models.rules import SUMS, calculated
from controller.stages.chatbot_with_memory import MemoryController
from controller.stages.run_code.tool import NAME, run_code_tool
from controller.tools.runner import ToolRunner
from controller.tools.tool import Tool
from controller.turn import Turn
from model.chat.message import Message
from model.errors import BnaError
from utils.model_output.arithmetic import Sum, sum_of
from utils.text.code_blocks import fenced, first_block, is_python, only_block
from utils.text.untrusted import unfenced

CALCULATES = re.compile(
    r"\b(calculate|compute|average|mean|median|sum of|total of|square|cubes?|percent|how many days)\b"
    r"|\b(plot|chart|table of)\b|\d\s*[%*/+^]|\bpython\b",
    re.IGNORECASE,
)
NUMBERS = re.compile(r"\d+(?:[.,]\d+)*")
MAX_CODE_TOKENS = 120
MAX_TOLD_CHARS = 1_500  # the step has all of it
# A small model copies what it is shown.
EXAMPLES = (
    ("What is 15% of 80?", "print(80 * 15 / 100)"),
    (
        "How many days are there from 1 March 2024 to 24 December 2024?",
        "from datetime import date\nprint((date(2024, 12, 24) - date(2024, 3, 1)).days)",
    ),
    ("What is the sum of the numbers from 1 to 10?", "print(sum(range(1, 11)))"),
    ("How often is the letter e in “cheese”?", 'print("cheese".count("e"))'),
    ("Show a table of the numbers 1 to 5 and their squares.", '[{"n": n, "square": n ** 2} for n in range(1, 6)]'),
)
TASK = "You write short Python code that prints the answer. Reply with code only."


class RunCodeController(MemoryController):
    """Lets the model run code, five times in one turn at most."""

    slug = "run_code"
    max_rounds = 5
    instructions = (
        "You can run Python with the tool run_code. Use it to calculate, to look into attached files and to check what"
        " you say, rather than working it out in your head. The person sees the code and its result. If the code fails,"
        " read the error, mend the code and run it again. Then answer in words, from the result."
    )

    def leaves_to_tools(self, turn: Turn) -> frozenset[str]:
        """Let sums be calculated where one sees how."""
        del turn
        return frozenset({SUMS})

    def tools(self, turn: Turn) -> list[Tool]:
        return [run_code_tool(self.resources, turn)]

    def suits(self, turn: Turn) -> bool:
        """Return whether a question holds code, or something to calculate."""
        question = turn.question.content
        is_sum = sum_of(question) or CALCULATES.search(question) or len(NUMBERS.findall(question)) > 1
        return bool(is_sum or first_block(question))

    def own_words(self, turn: Turn) -> str:
        """Return what code gave where the question is nothing else, so that every model knows it later."""
        step = next((step for step in reversed(turn.answer.tool_steps) if step.name == NAME), None)
        if step is None or turn.is_going_on:
            return ""
        if by_hand(turn.question):
            return fenced(unfenced(step.result or "")[:MAX_TOLD_CHARS])
        return calculated(without_time(turn.question.content)) if asked_sum(turn) else ""

    def before_answer(self, turn: Turn, runner: ToolRunner) -> None:
        """Run the code that the question holds or, for a model that can't call tools, code that it is asked for."""
        code = own = by_hand(turn.question)
        if own:
            turn.answer.model_name = turn.answer.provider = None
        elif not turn.endpoint.provider.has_tools:
            found = asked_sum(turn)
            if found:
                turn.answer.model_name = turn.answer.provider = None
            code = first_block(turn.question.content) or (found.code if found else self._asked_for(turn))
        if code and not turn.stop.is_set:
            # Whoever writes code to run it has allowed it.
            runner.call(NAME, {"code": code}, is_allowed=bool(own))

    def _asked_for(self, turn: Turn) -> str:
        """Return code for the question, from the model that will answer it; empty where it has none."""
        examples = [
            message
            for question, code in EXAMPLES
            for message in (Message("user", question), Message("assistant", fenced(code, "python")))
        ]
        prompt = [Message("system", TASK), *examples, Message("user", turn.question.content)]
        with suppress(BnaError):
            aside = complete_once(self.providers, turn.endpoint, prompt, MAX_CODE_TOKENS, turn.stop)
            turn.answer.prompt_token_count = aside.prompt_token_count
            turn.answer.completion_token_count = aside.completion_token_count
            text = aside.text.strip()
            return first_block(text) or (text if is_python(text) else "")
        return ""


def asked_sum(turn: Turn) -> Sum | None:
    """Return the sum that a question to a small model is; the result of its code is then the answer."""
    return sum_of(without_time(turn.question.content)) if turn.endpoint.provider.is_small else None


def without_time(content: str) -> str:
    """Return a question without the time that it was sent, which may stand before it."""
    return re.sub(r"\A\[[^\]\n]+\] ", "", content)


def by_hand(question: Message) -> str:
    """Return the code of a message that is nothing else; the time that it was sent may stand before it."""
    return only_block(re.sub(r"\A\[[^\]\n]+\] (?=```|~~~)", "", question.content))
