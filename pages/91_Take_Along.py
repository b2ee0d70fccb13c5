"""Import and export: what was said elsewhere comes in, what was said here goes along. Read next: view/take_along.py."""

from view.take_along import TakeAlongView

TakeAlongView().render()
