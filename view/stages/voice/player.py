"""The player: spoken sentences in the browser, one after the other, as soon as each is there.

Each comes in a component without a look; all share one queue that lives as long as the browser's page does.
"""

from base64 import b64encode
from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from model.providers.speech import Clip

SCRIPT = """
const known = new Set(), silenced = new Set(), bars = new Set(), queue = [];
let playing = null, playedCount = 0;

function show(hint = "") {
    for (const bar of bars) {
        bar.hidden = !playing;
        bar.dataset.played = playedCount;
        bar.querySelector("span").textContent = hint || "Speaking…";
    }
}
function next() {
    const clip = queue.shift();
    playing = clip ?? null;
    show();
    if (!clip) return;
    const sound = clip.sound = new Audio(`data:${clip.media_type};base64,${clip.data}`);
    const go_on = () => { if (playing === clip) next(); };
    sound.onended = go_on;
    sound.onerror = go_on;
    sound.onplaying = () => { playedCount += 1; window.dispatchEvent(new Event("bna-sound")); show(); };
    // A browser that was never clicked in keeps silent: the next click anywhere lets it speak.
    sound.play().catch((error) => {
        if (error.name !== "NotAllowedError") return go_on();
        show("Click anywhere to hear the answer.");
        document.addEventListener("click", () => playing === clip && sound.play().catch(go_on), { once: true });
    });
}
function silence(speech) {
    silenced.add(speech);
    queue.splice(0, queue.length, ...queue.filter((clip) => clip.speech !== speech));
    if (playing?.speech === speech) { playing.sound.pause(); next(); }
}
function add(clip) {
    if (known.has(clip.id) || silenced.has(clip.speech)) return;
    known.add(clip.id);
    queue.push(clip);
    if (!playing) next();
}
export default function ({ data: [data], parentElement, setTriggerValue }) {
    for (const speech of data?.silenced ?? []) silence(speech);
    if (data?.clip) return add(data.clip);
    const bar = parentElement.querySelector("[role=group]");
    bar.querySelector("button").onclick = () => {
        const speech = playing?.speech;
        if (!speech) return;
        silence(speech);
        setTriggerValue("stopped", speech);
    };
    bars.add(bar);
    show();
    return () => {
        bars.delete(bar);
        // On another page nothing could stop the voice.
        setTimeout(() => bars.size || [playing, ...queue].forEach((clip) => clip && silence(clip.speech)), 1000);
    };
}
"""
HTML = """<div hidden role="group" aria-label="Reading aloud"><span></span><button>Stop speaking</button></div>"""
STYLE = """
[role=group]:not([hidden]) { display: flex; gap: 0.8rem; align-items: center; font: 0.9rem var(--st-font); }
[role=group] { color: var(--st-text-color); }
span { opacity: 0.75; }
button {
    font: inherit; color: var(--st-primary-color); background: none; cursor: pointer; padding: 0.25rem 0.8rem;
    border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius);
}
button:hover, button:focus-visible { border-color: var(--st-primary-color); }
"""


@st.cache_resource(show_spinner=False)
def _component() -> Callable[..., object]:
    return st.components.v2.component("bna_player", js=SCRIPT, css=STYLE, html=HTML)


def draw_bar(silenced: list[str], on_stopped: Callable[[], None]) -> None:
    """Draw what stops the voice, seen only while it speaks; `silenced` are the speeches that shall end."""
    _component()(key="bna_player", data=_given(silenced=silenced), on_stopped_change=on_stopped)


def play(speech_id: str, number: int, clip: Clip) -> None:
    """Hand a sentence to the browser, once."""
    row = {
        "id": f"{speech_id}.{number}",
        "speech": speech_id,
        "media_type": clip.media_type,
        "data": b64encode(clip.data).decode(),
    }
    _component()(key=f"bna_player.{speech_id}.{number}", data=_given(clip=row))


def _given(**data: object) -> list[object]:
    """Return what the script gets: in a list, because for a dict Streamlit imports pandas, to look for tables there."""
    return [data]


@st.fragment(run_every=0.25)
def draw_later_sounds(is_silent: Callable[[], bool], draw_in: Callable[[DeltaGenerator], None]) -> None:
    """Hand over what is spoken after the answer's end."""
    if is_silent():
        st.rerun()
    draw_in(st.container(gap=None))
