"""Stage 2, Chatbot With Memory: the model sees what was said before.

Adds: LlamaIndex's `OpenAIAgent` with a `ChatMemoryBuffer`, rebuilt from the conversation's Messages at every turn, so
that the conversation is the only memory and any page, process or restart can go on with it.
Leaves out: tools. Later stages extend this class and override `tools`.
Read next: `controller/window.py`, which chooses the messages that fit.
"""

from collections.abc import Generator, Iterator

from llama_index.agent.openai import OpenAIAgent
from llama_index.core.memory import ChatMemoryBuffer
from llama_index.core.tools import BaseTool

from controller.base import ChatController
from controller.exchange import Exchange
from controller.llm import ExchangeLLM, knobs, to_chat_message
from controller.request import with_primer
from controller.summaries import summarised
from controller.turn import Turn
from controller.window import Window, fit, last_view, left_out, view_from
from model.errors import BnaError, ContextWindowExceeded
from model.event import Event, Summarised, Summarising


class MemoryController(ChatController):
    """Sends the newest part of the conversation that fits the model's window."""

    def tools(self, turn: Turn) -> list[BaseTool]:
        """Return the tools that the agent may use in this turn; later stages have some."""
        del turn
        return []

    def stream(self, turn: Turn) -> Iterator[Event]:
        """Yield the answer as it comes; a provider whose window is smaller than told gets half, once."""
        try:
            window = fit(turn.history, turn.question, turn.endpoint)
            if turn.options.is_summarised and window.begins_at != last_view(turn.history):
                window = yield from self._with_summary(turn, window)
            yield from self._stream(turn, window)
        except ContextWindowExceeded:
            if not turn.history or turn.answer.content:
                raise
            smaller = fit(turn.history, turn.question, turn.endpoint, limit=turn.endpoint.prompt_limit // 2)
            yield from self._stream(turn, smaller)

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

    def _stream(self, turn: Turn, window: Window) -> Iterator[Event]:
        """Run the agent over a window."""
        turn.answer.view_begins_at = window.begins_at
        turn.answer.window_token_count = window.token_count
        turn.answer.context_window = turn.endpoint.context_window
        exchange = Exchange(turn.endpoint)
        with self.line(turn) as line:
            turn.stop.when_set(exchange.close)
            llm = ExchangeLLM.build(turn.endpoint, line, exchange, knobs(turn.endpoint, turn.options))
            agent = OpenAIAgent.from_tools(self.tools(turn), llm=llm, memory=build_memory(turn, window))
            yield from exchange.events(lambda: agent.stream_chat(turn.question.content))


def build_memory(turn: Turn, window: Window) -> ChatMemoryBuffer:
    """Return the agent's memory: the primer, and all of the window but the question, which the agent is asked."""
    history = [to_chat_message(message) for message in with_primer(turn.endpoint.provider, window.messages[:-1])]
    # The window fits already, so the buffer need not count: counting is what makes it slow.
    return ChatMemoryBuffer.from_defaults(history, token_limit=1, tokenizer_fn=lambda _text: [])
