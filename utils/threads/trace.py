"""Trace: what a program does, span by span, written down only while somebody looks.

The words are OpenTelemetry's. The trace goes with the context (`contextvars`), so nobody has to hand it on; where
nobody looks, a traced function costs one look at a context variable.
"""

import ast
import inspect
import json
import linecache
import os
import re
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial, wraps
from pathlib import Path
from textwrap import dedent
from threading import current_thread
from typing import Any, ParamSpec, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R")
ROOT = Path(__file__).parents[2]
HIDDEN = "•••"
LEAST_SECRET = 6  # characters: shorter ones stand in words by chance
MOST_TOLD = 1_000_000  # characters of a detail
LAST = 3  # items of a stream that are told at its end
_FILE = re.compile(r"(;base64,[\w+/=]{64})[\w+/=]+")  # a request may hold megabytes of it


@dataclass(frozen=True)
class Span:
    """One step: what was done, by which function, in which thread, and when; `took_s` is None for a moment.

    `at_s` counts from the trace's beginning, `file` is a path within the project, and `details` are texts.
    """

    title: str
    function: str
    file: str
    line: int
    thread: str
    at_s: float | None
    took_s: float | None = None
    details: dict[str, str] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """Return the function's source, as the running program was made from it."""
        lines = linecache.getlines(str(ROOT / self.file))[self.line - 1 :]
        return dedent("".join(inspect.getblock(lines))) if lines else ""

    @property
    def docstring(self) -> str:
        """Return what the function says of itself; "" where that is nothing."""
        with suppress(SyntaxError, IndexError, TypeError):
            return ast.get_docstring(ast.parse(self.source).body[0]) or ""  # type: ignore[arg-type]
        return ""


class Trace:
    """The spans of one piece of work, in the order in which they ended; no secret ever stands in them."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self.spans: list[Span] = []
        self.running: list[str] = []  # the titles of what has begun and not ended
        self.when_told: Callable[[Span], None] = lambda _span: None
        self.began_at_s = time.monotonic()
        self._secrets = sorted((one for one in secrets if len(one) >= LEAST_SECRET), key=len, reverse=True)

    def tell(
        self,
        title: str,
        function: Callable[..., Any],
        began_at_s: float | None,
        took_s: float | None = None,
        **details: Any,
    ) -> None:
        """Note a step that has ended; a detail that takes time to tell may be a function."""
        while isinstance(function, partial):
            function = function.func
        plain = inspect.unwrap(function)
        code = getattr(plain, "__code__", None) or type(plain).__call__.__code__
        texts = {name: self._text(value) for name, value in details.items()}
        file, thread = os.path.relpath(code.co_filename, ROOT), current_thread().name
        at_s = None if began_at_s is None else began_at_s - self.began_at_s
        name = getattr(plain, "__qualname__", type(plain).__qualname__)
        self.spans.append(Span(title, name, file, code.co_firstlineno, thread, at_s, took_s, texts))
        self.when_told(self.spans[-1])

    def _text(self, value: Any) -> str:
        """Return a detail as text, with files in it shortened, and nothing secret."""
        text = _FILE.sub(rf"\1{HIDDEN}", _line_of(value() if callable(value) else value))[:MOST_TOLD]
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return text

    @contextmanager
    def span(self, title: str, function: Callable[..., Any]) -> Iterator[None]:
        """Note the block as a step, once it has ended, with what `note` says in it and what it raises."""
        began_at_s, details = time.monotonic(), dict[str, Any]()
        token = _active.set((self, details))
        self.running.append(title)
        try:
            yield
        except Exception as error:
            details["raised"] = f"{type(error).__name__}: {error}"
            raise
        finally:
            self.running.remove(title)
            _active.reset(token)
            self.tell(title, function, began_at_s, time.monotonic() - began_at_s, **details)

    def followed(self, title: str, function: Callable[..., Any], items: Iterable[Any]) -> Iterator[Any]:
        """Yield items as they come; note the first, and at the end how many there were, and the last."""
        began_at_s, count, last = time.monotonic(), 0, deque[Any](maxlen=LAST)
        self.running.append(title)
        try:
            for item in items:
                count += 1
                last.append(item)
                if count == 1:
                    began_at_s = time.monotonic()
                    self.tell(f"{title}: the first", function, began_at_s, first=item)
                yield item
        finally:
            self.running.remove(title)
            told = {"count": count, "last": "\n".join(map(_line_of, last))}
            self.tell(f"{title}: all", function, began_at_s, time.monotonic() - began_at_s, **told)


_active: ContextVar[tuple[Trace, dict[str, Any]] | None] = ContextVar("trace", default=None)


@contextmanager
def tracing(trace: Trace | None) -> Iterator[None]:
    """Let a trace take what is done in the block; None lets nothing be written down."""
    token = _active.set((trace, {}) if trace else None)
    try:
        yield
    finally:
        _active.reset(token)


def traced(title: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make each call of a function a span; of a generator function what it yields is followed."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        is_stream = inspect.isgeneratorfunction(function)

        @wraps(function)
        def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
            if (active := _active.get()) is None:
                return function(*args, **kwargs)
            if is_stream:
                return cast(R, active[0].followed(title, function, cast(Iterable[Any], function(*args, **kwargs))))
            with active[0].span(title, function):
                return function(*args, **kwargs)

        return wrapper

    return decorate


def note(**details: Any) -> None:
    """Say something of the span that is open, if one is; a function is called only where somebody looks."""
    if active := _active.get():
        active[1].update(details)


def _line_of(value: Any) -> str:
    """Return text as it is, data as one line of JSON, and anything else as Python writes it."""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
