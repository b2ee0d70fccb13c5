"""See inside, in the terminal: a line for each step of an answer, and a step in full with the code that did it."""

from controller.history.inside import curl_of, stop_of
from utils.text.terminal import safe_line
from utils.threads.trace import Span


def span_as_line(number: int, span: Span) -> str:
    """Return what was done, when, for how long, and where that stands."""
    at = "" if span.at_s is None else f"+{1000 * span.at_s:.0f} ms"
    took = "" if span.took_s is None else f"took {1000 * span.took_s:.1f} ms"
    told = safe_line(" ".join(span.details.values()), 60)
    parts = (f"{number}. {span.title}", at, took, told, f"{span.function} ({span.file}:{span.line})")
    return " · ".join(filter(None, parts))


def step_in_full(number: int, span: Span, key_variable: str) -> str:
    """Return a step with all its details, its thread, its source, and where the tour tells of it."""
    details = [f"{name}: {value}" for name, value in span.details.items()]
    if {"address", "body"} <= span.details.keys():
        details.append(curl_of(span, key_variable))
    thread = f"thread {span.thread}" if span.at_s is not None else ""
    stop = stop_of(span)
    parts = (span_as_line(number, span), *details, thread, span.source, stop.address if stop else "")
    return "\n\n".join(filter(None, parts))
