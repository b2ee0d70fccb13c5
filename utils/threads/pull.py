"""From a function that pushes what it has, as it comes, to an iterator that somebody pulls."""

from collections.abc import Callable, Iterator
from queue import SimpleQueue
from threading import Thread
from typing import TypeVar

Item = TypeVar("Item")


def pulled(push: Callable[[Callable[[Item], None]], None], when_left: Callable[[], None]) -> Iterator[Item]:
    """Yield what a function pushes, which runs in a thread of its own from the first item that is asked for.

    `when_left` is called where nobody wants the rest; the function should end then.
    Raises: what the function raises.
    """
    came: SimpleQueue[tuple[Item] | None] = SimpleQueue()
    faults: list[Exception] = []

    def work() -> None:
        try:
            push(lambda item: came.put((item,)))
        except Exception as fault:  # raised again for whoever pulls
            faults.append(fault)
        finally:
            came.put(None)

    Thread(target=work, daemon=True).start()
    has_ended = False
    try:
        while (item := came.get()) is not None:
            yield item[0]
        has_ended = True
    finally:
        if not has_ended:
            when_left()
    if faults:
        raise faults[0]
