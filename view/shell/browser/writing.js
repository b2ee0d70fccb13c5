// Writing: what the box at the foot of the page takes beside Streamlit's own. Each word is the person's own until it is sent.
const BOX = "[data-testid=stChatInputTextArea]", CHAT_INPUT = "[data-testid=stChatInput]";
const SEND = "[data-testid=stChatInputSubmitButton]:not(:disabled)";
const STOPS = ["[data-testid=stChatInputStopButton]", ".st-key-bna_stop button"];
const AHEAD = "This will be sent when the answer ends.";
const OPEN_OVER_PAGE = "[role=dialog], dialog[open], [data-baseweb=popover], [popover]:popover-open";
const is_mine = ({ target }) => target.matches?.("input, textarea, select, [contenteditable]");
const stop_button = () => STOPS.map((it) => document.querySelector(it)).find((it) => it && !it.disabled);

// What Streamlit has decided, whatever the element says by now.
const is_closed = (box) => box[Object.keys(box).find((it) => it.startsWith("__reactProps$"))]?.disabled ?? box.disabled;

// While an answer comes Streamlit closes the box. It is kept open: what Enter was pressed on goes once the answer has ended,
// or the person has stopped it.
window.bnaAhead ??= (() => {
    let waits = "", had_keyboard = false;
    const wait = (box, text) => {
        waits = text;
        const shell = box?.closest(CHAT_INPUT);
        if (shell) shell.dataset.ahead = text ? AHEAD : "";
        if (text) window.bnaSay?.(AHEAD);
    };
    addEventListener("focusin", ({ target }) => { had_keyboard = target.matches?.(BOX) ?? false; });
    addEventListener("pointerdown", ({ target }) => { had_keyboard = Boolean(target.closest?.(CHAT_INPUT)); }, true);
    addEventListener("input", ({ target }) => { if (target.matches?.(BOX) && waits) wait(target, ""); }, true);
    addEventListener("keydown", (event) => {
        if (event.key !== "Enter" || event.shiftKey || event.isComposing || !event.target.matches?.(BOX)) return;
        if (!event.target.dataset.ahead || !stop_button()) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        wait(event.target, event.target.value.trim());
    }, true);
    return setInterval(() => {
        const box = document.querySelector(BOX);
        if (!box) return;
        if (stop_button()) {
            if (box.disabled) {
                [box.disabled, box.dataset.ahead] = [false, "true"];
                if (had_keyboard && document.activeElement === document.body) box.focus({ preventScroll: true });
            }
            return;
        }
        if (is_closed(box)) return;
        delete box.dataset.ahead;
        const send = waits && box.value.trim() === waits && box.closest(CHAT_INPUT).querySelector(SEND);
        if (!send) return;
        wait(box, "");
        send.click();
    }, 100);
})();

// Escape stops the answer; in an empty box the up arrow edits the last question.
window.bnaWriting ??= addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented) return;
    if (event.key === "Escape" && !document.querySelector(OPEN_OVER_PAGE) && !(is_mine(event) && !event.target.matches(BOX)))
        stop_button()?.click();
    if (event.key === "ArrowUp" && event.target.matches?.(BOX) && !event.target.value && !stop_button()) {
        const last = [...document.querySelectorAll('[aria-label="Chat message from user"]')].pop();
        last?.querySelector(".bna-icons [aria-label=Edit]")?.click();
        event.preventDefault();
    }
}, true) ?? true;

// Whoever opens an editor writes in it.
window.bnaEditor ??= setInterval(() => {
    const editor = document.querySelector('[class*="st-key-bna"][class*="-edited-"] textarea');
    if (!editor || editor === window.bnaEdited) return;
    window.bnaEdited = editor;
    editor.focus();
    editor.setSelectionRange(editor.value.length, editor.value.length);
}, 100);

// What is pasted or dropped anywhere on the page goes into the box; a file that it takes no file for opens no page of its own.
const put_text = (box, text) => {
    box.focus();
    document.execCommand("insertText", false, text);  // as typed: it can be undone, and Streamlit is told
};
const put_files = (files) => {
    const input = document.querySelector(`${CHAT_INPUT} input[type=file]`);
    if (!input || !files.length) return;
    const held = new DataTransfer();
    [...files].forEach((file) => held.items.add(file));
    input.files = held.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
};
window.bnaPaste ??= addEventListener("paste", (event) => {
    const box = document.querySelector(BOX);
    if (!box || box.disabled || is_mine(event) || document.querySelector(OPEN_OVER_PAGE)) return;
    event.preventDefault();
    const { files } = event.clipboardData;
    if (files.length) put_files(files);
    else put_text(box, event.clipboardData.getData("text/plain"));
}, true) ?? true;
window.bnaDrop ??= ["dragover", "drop"].map((kind) => addEventListener(kind, (event) => {
    const takes_it = event.target.closest?.(`${CHAT_INPUT}, [data-testid=stFileUploader]`);
    if (takes_it || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    if (kind === "drop") put_files(event.dataTransfer.files);
}));
