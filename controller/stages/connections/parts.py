"""Which connections there are, as abilities that All Together and Assistants have a switch for."""

from collections.abc import Callable
from dataclasses import dataclass

from controller.chat.controller import ChatController
from controller.resources import Resources
from controller.stages import StagePart
from controller.stages.connections.config import ConfigFile
from settings import Settings

FRONT = "mcp:"  # of the slug of a server's switch


@dataclass(frozen=True)
class ServerPart(StagePart):
    """A server's switch."""

    server: str = ""

    def build_controller(self, resources: Resources) -> ChatController:
        made: ChatController = self.controller_class(resources, self.server)  # type: ignore[call-arg]
        return made


def find_servers(settings: Settings) -> Callable[[], list[StagePart]]:
    """Return what tells the servers that the file names now."""
    file = ConfigFile(settings)
    return lambda: [_part(row.name) for row in file.read().rows]


def _part(name: str) -> StagePart:
    return ServerPart(
        f"{FRONT}{name}",
        name,
        f"It uses the tools of the connection “{name}”.",
        ":material/hub:",
        "controller.stages.connections.controller.ConnectionController",
        server=name,
    )


def servers_in(slugs: list[str]) -> list[str]:
    """Return the names of the servers among abilities."""
    return [slug.removeprefix(FRONT) for slug in slugs if slug.startswith(FRONT)]
