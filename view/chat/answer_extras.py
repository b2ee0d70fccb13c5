"""Answer extras: what a stage's tools have left for the person, such as pictures, under the answer on every page.

Each stage names its own in its row of `STAGES`, so that no page knows of them; their code is loaded when one is drawn.
"""

from controller.stages import STAGES
from model.chat.message import Message


def draw_answer_extras(message: Message, without: str = "") -> None:
    """Draw what tools have left for an answer; `without` names a stage whose page draws its own."""
    left = {name for step in message.tool_steps for name in (step.name, *step.details)}
    for row in STAGES:
        if row.answer_extra and row.slug != without and row.answer_extra.left_by in left:
            row.answer_extra.load()(message)
