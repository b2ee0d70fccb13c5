"""Stage 2, Chatbot With Memory: the model sees what was said before.

Adds: LlamaIndex's `OpenAIAgent` with a `ChatMemoryBuffer`, rebuilt from the conversation's Messages at every turn, so
that the conversation is the only memory and any page, process or restart can go on with it.
Leaves out: tools of its own. Later stages extend this class, and override the hooks of `StageHooks`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any, cast

from llama_index.agent.openai import OpenAIAgent
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.bridge.pydantic import PrivateAttr
from llama_index.core.memory import ChatMemoryBuffer

from controller.chat.chat_template import templated
from controller.chat.controller import ChatController
from controller.chat.window import Window, cost_of, fit, instructions_of, last_view, left_out, view_from
from controller.llm.agent_bridge import AgentBridge, AgentTool, call_parser
from controller.llm.client import AgentLLM, sampling_options
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
from utils.net.client import CancellableClient
from utils.threads.trace import note, traced


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
        """Return which rules of `controller/small_models/rules.py` do not count here, because a tool does better."""
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

    def request_options(self, turn: Turn) -> dict[str, Any]:
        """Return what a request says beside its messages and tools: what a person chose, and what a stage needs."""
        return sampling_options(turn.options)

    def stream(self, turn: Turn) -> None:
        """Look up what the stage wants to, then let the model answer."""
        if words := self.resources.helpers.small_models.answer(turn, self.leaves_to_tools(turn)):
            turn.answer.model_name = turn.answer.provider = None
            turn.emit(TextDelta(words))
            return
        tools = self.tools(turn)
        ready = self._looked_up(turn, tools)
        if turn.stop.is_set:
            return
        if words := self.own_words(turn):
            turn.emit(TextDelta(words))
        else:
            self._answer(ready, tools if turn.endpoint.provider.has_tools else [])
        for event in self.after_answer(turn):
            turn.emit(event)

    def _looked_up(self, turn: Turn, tools: list[Tool]) -> Turn:
        """Return the turn with what the stage looked up in front of its question."""
        if not tools or turn.is_going_on:
            return turn
        self._look_up(turn, tools)
        return replace(turn, question=with_material(turn.question, turn.answer.tool_steps))

    def _look_up(self, turn: Turn, tools: list[Tool]) -> None:
        """Let the stage call its tools before the model is asked."""
        room_tokens = turn.endpoint.prompt_limit * 3 // 4 - count_tokens(turn.question)
        self.before_answer(turn, ToolRunner(turn, tools, turn.emit, room_tokens))

    def _answer(self, turn: Turn, tools: list[Tool]) -> None:
        """Let the model answer; a provider whose window is smaller than told gets half, once."""
        turn = self.resources.helpers.attachments.described(turn, self.reads_documents)
        if turn.stop.is_set:
            return
        tools = [*tools, *self._eyes(turn)]
        try:
            # What tools will bring needs room, too.
            left = turn.endpoint.prompt_limit - cost_of([*instructions_of(turn.history), turn.question])
            limit = turn.endpoint.prompt_limit - (max(0, min(left // 2, MOST_RESULT_TOKENS)) if tools else 0)
            window = fit(turn.history, turn.question, turn.endpoint, limit)
            _check_begun(turn, window)
            if turn.options.is_summarised and window.begins_at != last_view(turn.history):
                window = self._with_summary(turn, window)
            self._run_agent(turn, window, tools)
        except ContextWindowExceeded:
            has_history = len(turn.history) > len(instructions_of(turn.history))
            if not has_history or turn.answer.content or any(step.round for step in turn.answer.tool_steps):
                raise
            smaller = fit(turn.history, turn.question, turn.endpoint, limit=turn.endpoint.prompt_limit // 2)
            self._run_agent(turn, smaller, tools)

    def _eyes(self, turn: Turn) -> list[Tool]:
        """Return the tool that looks at pictures; none where the answer has a form, for it would not be of that."""
        may_call = turn.endpoint.provider.has_tools and "response_format" not in self.request_options(turn)
        return self.resources.helpers.attachments.eyes(turn) if may_call else []

    def _with_summary(self, turn: Turn, window: Window) -> Window:
        """Return the window with a summary of what it leaves out; as it is where that fails."""
        _, dropped = left_out(turn.history, window.begins_at)
        if not dropped:
            return window
        turn.emit(Summarising())
        try:
            summary = self.resources.helpers.summarised(turn, window.begins_at)
        except BnaError:
            return window
        if summary is None or turn.stop.is_set:
            return window
        turn.emit(Summarised(summary))
        place = next(index for index, message in enumerate(turn.history) if message.id == summary.parent) + 1
        history = [*turn.history[:place], summary, *turn.history[place:]]
        return view_from(history, turn.question, window.begins_at)

    def _run_agent(self, turn: Turn, window: Window, tools: list[Tool]) -> None:
        """Let LlamaIndex's agent answer from a window; what comes is told to the turn as it comes."""
        turn.answer.view_begins_at = window.begins_at
        turn.answer.window_token_count = window.token_count
        turn.answer.context_window = turn.endpoint.context_window
        sent = templated(turn.endpoint.provider, window.messages)
        options = self.request_options(turn)
        with self.guarded(turn, options) as emit, self.line(turn) as line:
            first_round = max((step.round for step in turn.answer.tool_steps), default=0)
            bridge = AgentBridge(
                turn.endpoint,
                emit,
                turn.stop,
                self.resources.helpers.attachments.pictures(turn, sent),
                options,
                first_round,
                keep_picture=self.resources.helpers.attachments.keeper(turn),
            )
            bridge.last_round = first_round + self.max_rounds
            runner = ToolRunner(turn, tools, emit, turn.endpoint.prompt_limit - window.token_count)
            if tools and turn.endpoint.provider.is_local and "response_format" not in options:
                bridge.fits = runner.fits  # small models write calls into their text
            memory = create_memory_from_historical_messages(sent[:-1], turn.endpoint.context_window)
            agent = create_openAI_agent(bridge, line, memory, tools, runner)
            chat_with_openAI_agent(agent, sent[-1].content)

    def guarded(self, turn: Turn, options: Mapping[str, Any]) -> AbstractContextManager[Callable[[Event], None]]:
        """Lend what takes the events of an answer; JSON that was asked for needs no guard over a small model."""
        is_json = "response_format" in options
        return nullcontext(turn.emit) if is_json else self.resources.helpers.small_models.guarded(turn)


def _check_begun(turn: Turn, window: Window) -> None:
    """Refuse to go on with an answer that the model can't see. Raises: ContextWindowExceeded."""
    if turn.is_going_on and window.begins_at == turn.question.id:
        raise ContextWindowExceeded(
            f"The answer so far is longer than {turn.endpoint.model_name} can read at once.",
            "Pick a model with a larger window, or ask for the rest in your own words.",
        )


def create_memory_from_historical_messages(messages: Sequence[Message], token_limit: int) -> ChatMemoryBuffer:
    """Return the agent's memory: all of a request but the question, which the agent is asked."""
    history = [to_chat_message(message) for message in messages]
    counts = {id(theirs): count_tokens(ours) for theirs, ours in zip(history, messages, strict=True)}
    return CountedMemory.of(history, token_limit, counts)


@traced("LlamaIndex's agent is made, with the memory")
def create_openAI_agent(
    bridge: AgentBridge, line: CancellableClient, memory: ChatMemoryBuffer, tools: Sequence[Tool], runner: ToolRunner
) -> OpenAIAgent:
    """Return LlamaIndex's agent for one turn; the runner runs its tools."""
    note(tools=[tool.name for tool in tools])
    return OpenAIAgent.from_tools(
        [AgentTool(tool, runner) for tool in tools],
        llm=AgentLLM.build(bridge, line),
        memory=memory,
        max_function_calls=MOST_CALLS,
        tool_call_parser=call_parser(runner, bridge),
    )


def chat_with_openAI_agent(agent: OpenAIAgent, prompt: str) -> None:
    """Let the agent answer; the pieces are told as they come. Raises: ProviderError."""
    agent.chat(prompt)


class CountedMemory(ChatMemoryBuffer):
    """LlamaIndex's memory with the counts that our messages keep: to count a full window anew takes 60 ms."""

    _counts: dict[int, int] = PrivateAttr(default_factory=dict)

    @classmethod
    def of(cls, history: list[ChatMessage], token_limit: int, counts: dict[int, int]) -> "CountedMemory":
        """Return a memory that takes so many tokens; the counts are by the identity of a message."""
        memory = cast(CountedMemory, cls.from_defaults(history, token_limit=token_limit))
        memory._counts = counts
        return memory

    def _token_count_for_messages(self, messages: list[ChatMessage]) -> int:
        counts = self._counts  # looked up once, for pydantic takes its time
        return sum(counts.get(id(message), 0) for message in messages)
