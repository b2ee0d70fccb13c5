"""Stage 8, Image Generation: it creates images from some context.

Adds: tools that make and edit images at a server that does, draw with SVG, and draw charts; the same by hand, where no
model is asked to talk (`model/pictures/commands.py`).
Leaves out: looking at images, which is stage 5.
"""

from dataclasses import replace

from controller.llm.providers import Providers
from controller.resources import Resources
from controller.stages.chatbot_with_memory import MemoryController
from controller.stages.image_generation.client import WHAT_TO_SET, image_endpoint
from controller.stages.image_generation.drawing_tools import drawing_tools
from controller.stages.image_generation.image_tools import MAX_PROMPT_CHARS, image_tools
from controller.stages.image_generation.prompt import with_context
from controller.stages.image_generation.workspace import PictureWorkspace
from controller.tools.runner import ToolRunner
from controller.tools.tool import Tool
from controller.turn import Turn
from model.chat.events import TextDelta
from model.errors import InputError, MissingKey, ToolFailed
from model.pictures.commands import CHART, EDIT, MAKE, Order, order_of
from utils.text.chart_data import Labelled, labelled


def picture_tools(providers: Providers, resources: Resources, turn: Turn) -> list[Tool]:
    """Return all that makes pictures here; any controller may take them."""
    workspace, endpoint = PictureWorkspace(resources, turn), image_endpoint(providers)
    return [*(image_tools(providers, endpoint, workspace) if endpoint else []), *drawing_tools(workspace)]


class ImageGenerationController(MemoryController):
    """Makes pictures."""

    slug = "image_generation"
    max_rounds = 5
    instructions = (
        "You can make pictures with your tools. The person sees each picture below your answer; you see its name only."
        " Never write base64, links or Markdown images. Say in a sentence what you have made."
    )

    def tools(self, turn: Turn) -> list[Tool]:
        """Return what makes pictures; plots are drawn by code, which is stage 6."""
        return picture_tools(self.providers, self.resources, turn)

    def stream(self, turn: Turn) -> None:
        """Let the model answer, or only make a picture where the question asks for nothing else."""
        if turn.is_going_on or not self.suits(turn):
            super().stream(turn)
            return
        # Whoever orders by hand has allowed it.
        self._look_up(replace(turn, asks_first=False), self.tools(turn))
        if not turn.stop.is_set:
            turn.emit(TextDelta(self.own_words(turn)))

    def suits(self, turn: Turn) -> bool:
        return order_of(turn.asked) is not None

    def before_answer(self, turn: Turn, runner: ToolRunner) -> None:
        """Make what is ordered.

        Raises: MissingKey where nothing makes images; InputError when a chart has no numbers.
        """
        order = None if turn.is_going_on else order_of(turn.asked)
        if order is None:
            return
        if order.tool in (MAKE, EDIT) and image_endpoint(self.providers) is None:
            raise MissingKey("No image model is set, so only charts and drawings can be made.", WHAT_TO_SET)
        if not order.uses_context:  # then no model is asked to talk
            turn.answer.model_name = turn.answer.provider = None
        arguments = self._arguments(turn, order)
        if not turn.stop.is_set:
            runner.call(order.tool, arguments)

    def own_words(self, turn: Turn) -> str:
        """Return what came of an order, so that every model knows it later.

        Raises: ToolFailed where nothing came of it, so that Retry is offered.
        """
        order = order_of(turn.asked)
        steps = [step for step in turn.answer.tool_steps if order and step.name == order.tool and not step.round]
        if steps and steps[-1].is_error:
            raise ToolFailed(steps[-1].result or "")
        return (steps[-1].result or "") if steps else ""

    def _arguments(self, turn: Turn, order: Order) -> dict[str, object]:
        """Return what the tool is told. Raises: InputError when a chart has no numbers."""
        if order.uses_context:
            prompt = with_context(self.providers, turn, str(order.arguments["prompt"]))
            return {**order.arguments, "prompt": prompt[:MAX_PROMPT_CHARS]}
        if order.tool != CHART:
            return order.arguments
        found = _numbers(turn, order.text)
        if not found.pairs:
            raise InputError("There are no numbers to draw.", "Write them like this: tea 12, coffee 30, juice 7.")
        return {
            **order.arguments,
            "title": found.title,
            "labels": [label for label, _ in found.pairs],
            "values": [value for _, value in found.pairs],
        }


def _numbers(turn: Turn, text: str) -> Labelled:
    """Return the numbers of a question, or of the newest message that has some."""
    contents = (text, *(message.content for message in reversed(turn.said_before)))
    found = (labelled(content) for content in contents)
    return next((numbers for numbers in found if len(numbers.pairs) > 1), Labelled("", []))
