"""Ask the web: Perplexity searches the web and answers, with sources.

Adds: the tool `ask_the_web`, where PERPLEXITY_API_KEY is set. For a model that can't call tools it asks where the
question says so ("ask the web").
"""

import re

from controller.stages.ask_the_web.tool import NAME, ask_the_web_tool, has_key
from controller.stages.chatbot_with_memory import MemoryController
from controller.tools.leaving import query_of
from controller.tools.runner import ToolRunner
from controller.tools.tool import Tool
from controller.turn import Turn

_ASKS = re.compile(
    r"\b(?:ask|search|(?:look|find)(?: it| this| that)?(?: up)? on) (?:the )?(?:web|internet|perplexity)\b", re.I
)


class AskTheWebController(MemoryController):
    """Lets a service search the web and answer; what the model is told of it stands at the tool."""

    slug = "ask_the_web"

    def tools(self, turn: Turn) -> list[Tool]:
        del turn
        return [ask_the_web_tool(self.providers)] if has_key(self.providers) else []

    def suits(self, turn: Turn) -> bool:
        return bool(_ASKS.search(turn.asked))

    def before_answer(self, turn: Turn, runner: ToolRunner) -> None:
        """Ask for a model that can't, where the person wants that."""
        if not turn.endpoint.provider.has_tools and self.suits(turn):
            runner.call(NAME, {"query": query_of(turn)})
