"""Measure how fast bnaGPT is and how much memory it takes, each figure beside its baseline: `python -m benchmarks.run`.

It starts what is measured and writes RESULTS.md; what is measured is in `in_browser.py`, `in_process.py` and so on.
Takes about five minutes, best on a machine that does nothing else. `--only WORD` runs what has the word in its
name, and writes a table of that alone.
"""

import argparse
import logging
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from benchmarks import (
    calendars,
    calm,
    databases,
    days,
    documents,
    first_answers,
    http_streams,
    in_browser,
    in_process,
    inside,
    json_mode,
    kept_words,
    local_tools,
    many_conversations,
    prompt_prefix,
    recall,
    sandboxes,
    search,
    voice,
    web,
)
from benchmarks.apps import scripted_endpoint
from benchmarks.table import Row, print_row, write_part, write_results

Measure = Callable[[], Iterator[Row]]


def main() -> None:
    """Measure everything, whatever fails, and write the table."""
    parser = argparse.ArgumentParser(description="Measure bnaGPT's speed and memory.")
    parser.add_argument("--only", default="", metavar="WORD", help="run what has this word in its name")
    word = parser.parse_args().only
    logging.captureWarnings(True)  # LlamaIndex tells at every turn that OpenAIAgent is deprecated
    started_at_s = time.monotonic()
    rows: list[Row] = []
    problems: list[str] = []
    try:
        with ExitStack() as stack:
            for name, measure in measures(stack):
                if word in name:
                    problems += attempt(name, measure, rows)
    except Exception as error:  # no browser, or an app that does not start: the rest is missing
        traceback.print_exc()
        problems.append(f"what should have come next ({type(error).__name__})")
    print(f"Done in {time.monotonic() - started_at_s:.0f} s.")
    if not word:
        write_results(rows, problems)
    elif rows or problems:
        write_part(word, rows, problems)


def measures(stack: ExitStack) -> Iterator[tuple[str, Measure]]:
    """Yield what to measure; what it needs runs until the stack is closed."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    endpoint = stack.enter_context(scripted_endpoint())
    yield "reply", partial(in_process.replies, endpoint)
    yield "save", partial(in_process.saved_turns, folder)
    yield "prefix", partial(prompt_prefix.prompt_prefixes, endpoint)
    yield "search", partial(search.searches, folder)
    yield "databases", partial(databases.databases, folder)
    yield "calendars", partial(calendars.calendars, folder / "calendars")
    yield "days", partial(days.days, folder)
    yield "web", web.web_searches
    yield "documents", partial(documents.documents, folder)
    yield "recall", partial(recall.recall, folder)
    yield "words", partial(kept_words.kept_words, folder / "words")
    yield "voice", voice.voices
    yield "code", sandboxes.runs
    yield "http", http_streams.streams
    yield "embedded", in_process.embedded_model
    yield "first", first_answers.first_answers
    yield "json", json_mode.fitting_answers
    yield "local-tools", local_tools.local_tools
    with in_browser.bench(endpoint, folder) as bench:
        yield "new", partial(in_browser.new_conversations, bench)
        yield "open", partial(in_browser.large_opens, bench)
        yield "large", partial(in_browser.large_turns, bench)
        yield "long", partial(in_browser.long_answers, bench)
    yield "calm", partial(calm.layout_shifts, endpoint, folder)
    yield "inside", partial(inside.inside, endpoint, folder)
    yield "many", partial(many_conversations.many_conversations, endpoint, folder)
    yield "memory", partial(in_browser.memory, endpoint, folder)


def attempt(name: str, measure: Measure, rows: list[Row]) -> Iterator[str]:
    """Measure, print and keep the rows; yield what went wrong, if something did."""
    try:
        for row in measure():
            print_row(row)
            rows.append(row)
    except Exception as error:  # the other measures go on
        traceback.print_exc()
        yield f"{name} ({type(error).__name__})"


if __name__ == "__main__":
    main()
