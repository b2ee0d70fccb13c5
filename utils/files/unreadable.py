"""What every reader of files raises where a file can't be read."""


class Unreadable(ValueError):
    """A file that can't be read: `reason` goes on after its name, `way_out` is what a person can do."""

    def __init__(self, reason: str, way_out: str = "") -> None:
        super().__init__(reason, way_out)
        self.reason, self.way_out = reason, way_out
