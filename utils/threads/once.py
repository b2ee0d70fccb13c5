"""A property that is made at its first use and kept, once, however many threads come first.

`functools.cached_property` holds no lock from Python 3.12 on; in 3.11 its lock is one for all objects of a class.
"""

from collections.abc import Callable
from threading import RLock
from typing import Any, Generic, Self, TypeVar, overload

Made = TypeVar("Made")


class once(Generic[Made]):
    """Make a method a property whose value is kept in the object, under the method's name."""

    def __init__(self, make: Callable[[Any], Made]) -> None:
        self._make = make
        self._name = make.__name__
        self.__doc__ = make.__doc__

    @overload
    def __get__(self, owner: None, kind: type) -> Self: ...

    @overload
    def __get__(self, owner: object, kind: type) -> Made: ...

    def __get__(self, owner: object | None, kind: type) -> Self | Made:
        """Return the value; whoever comes while it is being made waits for it."""
        if owner is None:
            return self
        kept = vars(owner)
        # One step of the interpreter, so that all threads get the same lock.
        with kept.setdefault(f"{self._name}'s lock", RLock()):
            if self._name not in kept:
                kept[self._name] = self._make(owner)
        made: Made = kept[self._name]  # from now on it is found there, and this is not called again
        return made
