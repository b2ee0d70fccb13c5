"""Several stages at once: what a conversation's options name is offered together.

A part is another stage's controller. The model gets the tools and the instructions of all parts, and each part looks up
before the answer, and tells sources behind it, as it does on its own page. A model that can't call tools can't choose,
so only one part looks something up for it: of those that suit the question, the one that comes last in the list of
stages, for the later ones are made for fewer questions. An answer in JSON calls no tools while it is written; what it
needs is looked up before.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from controller.chat.controller import ChatController
from controller.stages import IMAGES, JSON, ability, chosen_abilities, stage
from controller.stages.chatbot_with_memory import MemoryController
from controller.tools.messages import LOOK
from controller.tools.runner import ToolRunner
from controller.tools.tool import Tool
from controller.turn import Turn
from model.chat.conversation import Conversation
from model.chat.events import Event, Started
from model.chat.message import Message
from model.chat.options import Options

MOST_TOOLS = 127  # OpenAI takes 128; one looks at pictures


class ComposedController(MemoryController):
    """Offers what the chosen stages offer, together."""

    @classmethod
    def about_tools(cls, options: Options) -> str | None:
        if JSON in cls.chosen(options):
            return None
        return "\n\n".join(filter(None, (part.about_tools(options) for part in cls._classes(options)))) or None

    @classmethod
    def tells_time(cls, options: Options) -> bool:
        return options.tells_time or any(part.tells_time(options) for part in cls._classes(options))

    @classmethod
    def about(cls, options: Options) -> str:
        return "\n\n".join(filter(None, (part.about(options) for part in cls._classes(options))))

    @classmethod
    def chosen(cls, options: Options) -> list[str]:
        """Return the slugs of the parts that a conversation has."""
        return chosen_abilities(options)

    @classmethod
    def _classes(cls, options: Options) -> list[type[ChatController]]:
        return list(dict.fromkeys(ability(slug).controller_class for slug in cls.chosen(options)))

    def suiting(self, turn: Turn, parts: list[MemoryController]) -> list[MemoryController]:
        return [part for part in parts if part.suits(turn)]

    def parts(self, options: Options) -> list[MemoryController]:
        slugs = [slug for slug in self.chosen(options) if slug != JSON]
        made = (ability(slug).build_controller(self.resources) for slug in slugs)
        return [part for part in made if isinstance(part, MemoryController)]

    def tools(self, turn: Turn) -> list[Tool]:
        return apart([tool for part in self.parts(turn.options) for tool in part.tools(turn)])

    def leaves_to_tools(self, turn: Turn) -> frozenset[str]:
        return frozenset().union(*(part.leaves_to_tools(turn) for part in self.parts(turn.options)))

    def before_answer(self, turn: Turn, runner: ToolRunner) -> None:
        """Let the parts look something up; for a model that can't choose, the last one that suits the question."""
        parts = [part for part in self.parts(turn.options) if part.tools(turn)]
        if not turn.endpoint.provider.has_tools:
            parts = self.suiting(turn, parts)[-1:]
        for part in parts:
            part.before_answer(turn, runner)

    def own_words(self, turn: Turn) -> str:
        """Return the answer of the last part in the list of stages that needs no model for it."""
        words = (part.own_words(turn) for part in reversed(self.parts(turn.options)))
        return next(filter(None, words), "")

    def after_answer(self, turn: Turn) -> Iterator[Event]:
        """Yield what each part has to say behind an answer."""
        for part in self.parts(turn.options):
            yield from part.after_answer(turn)

    def go_on(self, conversation: Conversation, answer: Message) -> Started:
        """Go on with a broken answer; one in JSON is written anew, for half of it can't be gone on with."""
        is_json = JSON in self.chosen(conversation.options)
        return self.retry(conversation, answer) if is_json else super().go_on(conversation, answer)

    def _answer(self, turn: Turn, tools: list[Tool]) -> None:
        """Answer; about pictures as stage 5 does, which knows what a model that can't see is good for."""
        images = stage(IMAGES).build_controller(self.resources)
        has_pictures = any(file.is_picture for file in turn.attachments)
        if has_pictures and not tools and not turn.answer.tool_steps and isinstance(images, MemoryController):
            images._answer(turn, tools)
        else:
            super()._answer(turn, tools)

    def stream(self, turn: Turn) -> None:
        """Let the model answer, in JSON where that is a part."""
        if JSON not in self.chosen(turn.options):
            super().stream(turn)
            return
        turn = replace(turn, endpoint=replace(turn.endpoint, provider=replace(turn.endpoint.provider, has_tools=False)))
        ready = self._looked_up(turn, self.tools(turn))
        if not turn.stop.is_set:
            stage(JSON).build_controller(self.resources).stream(ready)


def apart(tools: list[Tool]) -> list[Tool]:
    """Return tools no two of which have the same name: what belongs in front of a name is put there.

    Providers refuse a request that offers more than so many, so the last ones are left out then.
    """
    counts = Counter(tool.name for tool in tools)
    counts[LOOK] += 1  # the tool that looks at pictures comes later
    named: dict[str, Tool] = {tool.name: tool for tool in tools if not tool.front}
    for tool in tools:
        if tool.front:
            name = f"{tool.front}_{tool.name}" if counts[tool.name] > 1 else tool.name
            named.setdefault(name, replace(tool, name=name))
    return list(named.values())[:MOST_TOOLS]
