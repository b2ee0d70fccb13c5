"""Plots: pictures that code drew, found among files and named so that each can be meant."""

from typing import Any

import pytest

from model.chat.message import Message
from model.chat.message_parts import ToolStep
from model.pictures.gallery import Plot, all_pictures_in
from model.pictures.picture import Picture

ROW = {"sha256": "b" * 64, "name": "figure-1.png", "media_type": "image/png", "size_bytes": 5}


def talk(question: str, *rows: Any, made: tuple[Picture, ...] = ()) -> list[Message]:
    """Return a question and an answer whose code left files, and whose tools made pictures."""
    details = {"files": list(rows), "pictures": [picture.to_row() for picture in made]}
    step = ToolStep("1", "run_code", result="Files: …", details=details)
    return [Message("user", question), Message("assistant", "Here.", tool_steps=[step])]


def test_a_plot_is_of_the_question_that_it_answers():
    [plot] = all_pictures_in(talk("Plot sin(x).", ROW))
    assert isinstance(plot, Plot) and not plot.is_image and not plot.is_drawing
    assert (plot.name, plot.prompt, plot.sha256) == ("figure-1.png", "Plot sin(x).", "b" * 64)


def test_a_plot_on_another_branch_keeps_its_own_question():
    first, second = talk("One", ROW), talk("Two", ROW)
    second[0].parent, second[1].parent = "", second[0].id
    assert [plot.prompt for plot in all_pictures_in([*first, *second])] == ["One", "Two"]


def test_code_that_was_run_by_hand_is_told_without_its_fence():
    [plot] = all_pictures_in(talk("```python\nplot(x)\n```", ROW))
    assert plot.prompt == "plot(x)"


def test_the_newest_of_one_name_has_it_and_no_made_picture_loses_its_own():
    image = Picture("a" * 64, "figure-1 (2).png", "image/png", 5, 1, 1)
    messages = [
        *talk("One", ROW),
        *talk("Two", ROW, made=(image,)),
        *talk("Three", ROW | {"name": "x" * 300 + "\n.p\n"}),
    ]
    names = [picture.name for picture in all_pictures_in(messages)]
    assert names == ["figure-1 (3).png", "figure-1 (2).png", "figure-1.png", "x" * 60 + ".png"]


@pytest.mark.parametrize(
    "row", [None, [], {}, ROW | {"media_type": "text/csv"}, ROW | {"media_type": "image/svg+xml"}, ROW | {"name": 5}]
)
def test_a_file_that_is_no_plot_is_passed_over(row: object):
    assert len(all_pictures_in(talk("Plot", row, ROW))) == 1
    assert all_pictures_in([Message("assistant", "", tool_steps=[ToolStep("1", "x", details={"files": row})])]) == []
