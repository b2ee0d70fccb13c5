"""Stage 2, Chatbot With Memory: the model sees what was said before.

Adds: LlamaIndex's `OpenAIAgent` with a `ChatMemoryBuffer`, rebuilt from the conversation's Messages at every turn, so
that the conversation is the only memory and any page, process or restart can go on with it.
Leaves out: tools of its own. Later stages extend this class and override what is in
`controller/stages/chatbot_with_memory.py`.

What a stage with tools may override: each hook does nothing until a stage has something for it.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from typing import Any

from llama_index.agent.openai import OpenAIAgent
from llama_index.core.memory import ChatMemoryBuffer

from controller.attachments.for_model import Pictures, can_see, describe_attachments
from controller.attachments.ocr_words import read_words
from controller.chat.chat_template import templated
from controller.chat.controller import ChatController
from controller.chat.side_requests import summarised
from controller.chat.small_models import answered_by_rule, guarded
from controller.chat.window import Window, cost_of, fit, instructions_of, last_view, left_out, view_from
from controller.llm.agent_bridge import AgentTool, Exchange, call_parser
from controller.llm.client import ExchangeLLM, sampling_options
from controller.llm.messages import to_chat_message
from controller.tokens import count_tokens
from controller.tools.messages import with_material
from controller.tools.runner import ToolRunner
from controller.tools.tool import Tool
from controller.turn import Turn
from model.chat.events import Event, Summarised, Summarising, TextDelta
from model.chat.message import Message
from model.chat.options import Options
from model.errors import BnaError, ContextWindowExceeded


class StageHooks:
    """The places in a turn where a stage does what is its own."""

    def tools(self, turn: Turn) -> list[Tool]:
        """Return the tools that the agent may use in this turn; later stages have some."""
        del turn
        return []

    def suits(self, turn: Turn) -> bool:
        """Return whether the tools fit a question, where those of several stages could, and the model can't choose."""
        del turn
        return True

    def before_answer(self, turn: Turn, runner: ToolRunner) -> None:
        """Look something up before the model is asked, with `runner.call`; later stages do.

        The results stand in front of the question. Models that can't call tools get theirs only here.
        """

    def own_words(self, turn: Turn) -> str:
        """Return an answer that needs no model, from what was looked up; "" where the model is asked."""
        del turn
        return ""

    def leaves_to_tools(self, turn: Turn) -> frozenset[str]:
        """Return which rules of `controller/chat/small_models.py` do not count here, because a tool does better."""
        del turn
        return frozenset()

    def after_answer(self, turn: Turn) -> Iterator[Event]:
        """Yield what comes behind an answer, such as its sources; later stages do."""
        del turn
        yield from ()


MOST_RESULT_TOKENS = 24_000  # what is kept free for the results of tools
MOST_CALLS = 100_000  # the rounds are what is limited; the agent itself would just fall silent


class MemoryController(StageHooks, ChatController):
    """Sends the newest part of the conversation that fits the model's window."""

    slug = "chatbot_with_memory"
    max_rounds = 8  # how often the model may ask for tools in one turn
    reads_documents = False  # whether the model is told the words of documents; of pictures it always is

    @classmethod
    def about_tools(cls, options: Options) -> str | None:
        """Return what the stage tells a model that can call its tools; None where it gives none."""
        del options
        return None if cls.tools is MemoryController.tools else cls.instructions

    def wishes(self, turn: Turn) -> dict[str, Any]:
        """Return what a request says beside its messages and tools: what a person chose, and what a stage needs."""
        return sampling_options(turn.options)

    def stream(self, turn: Turn) -> Iterator[Event]:
        """Look up what the stage wants to, then yield the answer as it comes."""
        if words := answered_by_rule(turn, self.leaves_to_tools(turn)):
            turn.answer.model_name = turn.answer.provider = None
            yield TextDelta(words)
            return
        tools = self.tools(turn)
        ready = yield from self._looked_up(turn, tools)
        if turn.stop.is_set:
            return
        if words := self.own_words(turn):
            yield TextDelta(words)
        else:
            yield from self._answer(ready, tools if turn.endpoint.provider.has_tools else [])
        yield from self.after_answer(turn)

    def _looked_up(self, turn: Turn, tools: list[Tool]) -> Generator[Event, None, Turn]:
        """Return the turn with what the stage looked up in front of its question."""
        if not tools or turn.is_going_on:
            return turn
        yield from self._look_up(turn, tools)
        return replace(turn, question=with_material(turn.question, turn.answer.tool_steps))

    def _look_up(self, turn: Turn, tools: list[Tool]) -> Iterator[Event]:
        """Let the stage call its tools before the model is asked."""
        exchange = Exchange(turn.endpoint)
        turn.stop.when_set(exchange.close)
        room_tokens = turn.endpoint.prompt_limit * 3 // 4 - count_tokens(turn.question)
        runner = ToolRunner(turn, tools, exchange.emit, room_tokens)
        yield from exchange.events(lambda: self.before_answer(turn, runner))

    def _answer(self, turn: Turn, tools: list[Tool]) -> Iterator[Event]:
        """Yield the answer as it comes; a provider whose window is smaller than told gets half, once."""
        turn.answer.saw_pictures = can_see(turn) if turn.attachments else None
        yield from read_words(turn, self.resources.attachments, self.reads_documents)
        turn = describe_attachments(turn)
        try:
            # What tools will bring needs room, too.
            left = turn.endpoint.prompt_limit - cost_of([*instructions_of(turn.history), turn.question])
            limit = turn.endpoint.prompt_limit - (max(0, min(left // 2, MOST_RESULT_TOKENS)) if tools else 0)
            window = fit(turn.history, turn.question, turn.endpoint, limit)
            _check_begun(turn, window)
            if turn.options.is_summarised and window.begins_at != last_view(turn.history):
                window = yield from self._with_summary(turn, window)
            yield from self._stream(turn, window, tools)
        except ContextWindowExceeded:
            has_history = len(turn.history) > len(instructions_of(turn.history))
            if not has_history or turn.answer.content or any(step.round for step in turn.answer.tool_steps):
                raise
            smaller = fit(turn.history, turn.question, turn.endpoint, limit=turn.endpoint.prompt_limit // 2)
            yield from self._stream(turn, smaller, tools)

    def _with_summary(self, turn: Turn, window: Window) -> Generator[Event, None, Window]:
        """Return the window with a summary of what it leaves out; as it is where that fails."""
        _, dropped = left_out(turn.history, window.begins_at)
        if not dropped:
            return window
        yield Summarising()
        try:
            summary = summarised(self.providers, turn, window.begins_at)
        except BnaError:
            return window
        if summary is None or turn.stop.is_set:
            return window
        yield Summarised(summary)
        place = next(index for index, message in enumerate(turn.history) if message.id == summary.parent) + 1
        history = [*turn.history[:place], summary, *turn.history[place:]]
        return view_from(history, turn.question, window.begins_at)

    def _stream(self, turn: Turn, window: Window, tools: list[Tool]) -> Iterator[Event]:
        """Run the agent over a window."""
        turn.answer.view_begins_at = window.begins_at
        turn.answer.window_token_count = window.token_count
        turn.answer.context_window = turn.endpoint.context_window
        exchange = Exchange(turn.endpoint, max((step.round for step in turn.answer.tool_steps), default=0))
        last_round = exchange.round + self.max_rounds
        sent = templated(turn.endpoint.provider, window.messages)
        if turn.answer.saw_pictures:
            exchange.pictures = Pictures.of(sent, self.resources.attachments, turn.endpoint.provider.most_pictures)
        runner = ToolRunner(turn, tools, exchange.emit, turn.endpoint.prompt_limit - window.token_count)
        with self.line(turn) as line:
            turn.stop.when_set(exchange.close)
            agent = OpenAIAgent.from_tools(
                [AgentTool(tool, runner) for tool in tools],
                llm=ExchangeLLM.build(turn.endpoint, line, exchange, self.wishes(turn), last_round),
                memory=build_memory(sent[:-1]),
                max_function_calls=MOST_CALLS,
                tool_call_parser=call_parser(runner, exchange, last_round),
            )
            events = exchange.events(lambda: agent.stream_chat(sent[-1].content))
            is_guarded = turn.endpoint.provider.is_small and "response_format" not in self.wishes(turn)
            yield from guarded(turn, events, line.cut) if is_guarded else events


def _check_begun(turn: Turn, window: Window) -> None:
    """Refuse to go on with an answer that the model can't see.

    Raises: ContextWindowExceeded.
    """
    if turn.is_going_on and window.begins_at == turn.question.id:
        raise ContextWindowExceeded(
            f"The answer so far is longer than {turn.endpoint.model_name} can read at once.",
            "Pick a model with a larger window, or ask for the rest in your own words.",
        )


def build_memory(before: Sequence[Message]) -> ChatMemoryBuffer:
    """Return the agent's memory: all of a request but the question, which the agent is asked."""
    history = [to_chat_message(message) for message in before]
    # The window fits already, so the buffer need not count: counting is what makes it slow.
    return ChatMemoryBuffer.from_defaults(history, token_limit=1, tokenizer_fn=lambda _text: [])
