"""What only the browser can do: bring a message into sight, take what is written ahead, tell a screen reader.

Commands are gathered before the page is drawn and sent in one small component without a look of its own: `browser.js`,
with what the box at the foot of the page is taught (`writing.js`, `commands.js`), and the keyboard (`shortcuts.js`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import streamlit as st

from model.chat.message import new_id
from view.shell.session import session_object

SCRIPTS = [Path(__file__).with_name(f"{name}.js") for name in ("browser", "writing", "shortcuts", "commands")]
KEPT = 5  # commands that are sent again with the next; the browser does each once
# Read aloud, not seen.
STYLE = "p { position: absolute; width: 1px; height: 1px; margin: 0; overflow: hidden; clip-path: inset(50%); }"


@dataclass
class BrowserCommands:
    """What the browser shall do at the end of this drawing; an id of its own, so that it does it once."""

    copy: str = ""
    say: str = ""
    show: str = ""
    to_end: bool = False
    leaves_sidebar: bool = False  # on a phone, where it covers what was picked in it
    id: str = field(default_factory=new_id)

    @classmethod
    def of_session(cls) -> "BrowserCommands":
        """Return what the browser shall do at the end of this session's next drawing."""
        return session_object("bna.commands", cls)


@st.cache_resource(show_spinner=False)
def _component() -> Callable[..., object]:
    script = "\n".join(path.read_text(encoding="utf-8") for path in SCRIPTS)
    return st.components.v2.component("bna_browser", js=script, css=STYLE)


def page_is_drawn() -> bool:
    """Return whether the browser has drawn a page of this session: all of it, with each part that it had to load.

    React gives such parts (the box, buttons) the lowest priority: with an update every 25 ms they never come.
    """
    return "bna.drawn" in st.session_state


def note_drawn() -> None:
    """Note that the browser has drawn a page."""
    st.session_state["bna.drawn"] = True


@dataclass(frozen=True)
class BoxOption:
    """What the list offers that opens with a mark in the box: “/” for what is written then, “@” for an assistant."""

    mark: str
    name: str
    about: str = ""
    text: str = ""
    id: str = ""  # of the assistant


def send_commands(
    *,
    tells_drawn: bool = False,
    options: Sequence[BoxOption] = (),
    pick_assistant: Callable[[str], None] = lambda _id: None,
) -> None:
    """Let the browser do what is to be done, and tell when all of the page is drawn where that is asked.

    `options` are offered in the box beside what the browser does by itself.
    """
    commands = BrowserCommands.of_session()
    sent: list[dict[str, object]] = st.session_state.get("bna.commands.sent", [])
    if commands.copy or commands.say or commands.show or commands.to_end or commands.leaves_sidebar:
        # With those before it: a browser that is busy passes over drawings that have already been followed by others.
        sent = st.session_state["bna.commands.sent"] = [*sent[1 - KEPT :], {**commands.__dict__}]
        st.session_state["bna.commands"] = BrowserCommands()
    # In a list, because Streamlit looks for tables in a dict, for which it imports pandas: half a second.
    data: list[object] = [sent, session_object("bna.session", new_id) if tells_drawn else ""]
    data.append([option.__dict__ for option in options])
    _component()(
        key="bna_browser",
        data=data,
        on_drawn_change=note_drawn,
        on_stuck_change=_draw_again,
        on_assistant_change=lambda: pick_assistant(str(st.session_state["bna_browser"]["assistant"])),
    )


def _draw_again() -> None:
    """Do nothing: what the browser asks for is the drawing that follows."""
