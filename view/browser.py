"""What only the browser can do: copy a text, bring a message into sight, and tell a screen reader.

Wishes are gathered while the page is drawn and sent at its end, in one small component without a look of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import streamlit as st

from model.message import new_id

SCRIPT = """
const SHOWN_FOR_MS = 1500;
const done = new Set();
// The number of a source in a text opens the source's button.
window.bnaSources ??= document.addEventListener("click", (event) => {
    const number = event.target.closest?.('a[href*="#bna-source-"]');
    if (!number) return;
    event.preventDefault();
    document.querySelector(".st-key-" + CSS.escape(number.hash.slice(1)) + " button")?.click();
}, true) ?? true;
// What a model thinks gets a new heading when it has ended: who has the keyboard on the old one keeps it there.
window.bnaThinking ??= (() => {
    const block = (name) => `[class*="st-key-bna-thinking-${name}"]`;
    let held = null, id = "";
    addEventListener("focusin", ({ target }) => {
        held = target;
        id = target.closest?.(block(""))?.className.match(/st-key-bna-thinking-(\\w+)/)?.[1];
    });
    return setInterval(() => {
        if (!id || held.isConnected || document.activeElement !== document.body) return;
        document.querySelector(block(id) + " summary")?.focus({ preventScroll: true });
    }, 100);
})();
export default function ({ data, parentElement }) {
    let voice = parentElement.querySelector("[role=status]");
    if (!voice) {
        voice = document.createElement("p");
        voice.setAttribute("role", "status");
        parentElement.appendChild(voice);
    }
    voice.textContent = data?.say ?? "";
    if (!data || done.has(data.id)) return;
    done.add(data.id);
    const page = document.querySelector("[data-testid=stAppScrollToBottomContainer]");
    if (data.to_end) {
        const end = () => page?.scrollTo({ top: page.scrollHeight });
        setTimeout(end, 100);  // once the question is drawn; from there on Streamlit follows what is added
    }
    if (data.copy) navigator.clipboard.writeText(data.copy);
    if (data.show) {
        // Older messages are drawn above it meanwhile, and Streamlit rolls on to the end; but whoever scrolls, decides.
        const until = Date.now() + SHOWN_FOR_MS;
        const leave = ["wheel", "touchstart", "keydown", "mousedown"];
        let is_left = false;
        const on_leave = () => { is_left = true; };
        leave.forEach((kind) => addEventListener(kind, on_leave, { once: true, passive: true }));
        const show = () => {
            if (is_left || Date.now() > until) return;
            page?.dispatchEvent(new WheelEvent("wheel"));  // which ends Streamlit's rolling, as a person's would
            document.querySelector(".st-key-" + data.show)?.scrollIntoView({ block: "center" });
            setTimeout(show, 50);
        };
        show();
    }
}
"""
# Read aloud, not seen.
STYLE = "p { position: absolute; width: 1px; height: 1px; margin: 0; overflow: hidden; clip-path: inset(50%); }"


@dataclass
class Wishes:
    """What the browser shall do at the end of this drawing; an id of its own, so that it does it once."""

    copy: str = ""
    say: str = ""
    show: str = ""
    to_end: bool = False
    id: str = field(default_factory=new_id)

    @classmethod
    def of_session(cls) -> "Wishes":
        """Return this session's wishes."""
        if "bna.wishes" not in st.session_state:
            st.session_state["bna.wishes"] = cls()
        wishes: Wishes = st.session_state["bna.wishes"]
        return wishes


@st.cache_resource(show_spinner=False)
def _component() -> Callable[..., object]:
    return st.components.v2.component("bna_browser", js=SCRIPT, css=STYLE)


def draw_wishes() -> None:
    """Send what was wished to the browser."""
    wishes = Wishes.of_session()
    if wishes.copy or wishes.say or wishes.show or wishes.to_end:
        st.session_state["bna.wishes.sent"] = {**wishes.__dict__}
        st.session_state["bna.wishes"] = Wishes()
    _component()(key="bna_browser", data=st.session_state.get("bna.wishes.sent"))
