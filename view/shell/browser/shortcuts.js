// Shortcuts of the keyboard, and the list of them.
const IS_MAC = /Mac|iPhone|iPad/.test(navigator.platform);
const CTRL = IS_MAC ? "⌘" : "Ctrl";
const SHORTCUTS = [
    [[CTRL, "Shift", "O"], "New chat"], [[CTRL, "K"], "Search chats"], [[CTRL, "/"], "This list"],
    [["Enter"], "Send; while an answer comes, send when it ends"], [["Shift", "Enter"], "New line"],
    [["Escape"], "Stop the answer"], [["↑"], "Edit the last question, in an empty box"],
];
const open_sidebar = () => document.querySelector("[data-testid=stExpandSidebarButton]")?.click();
const ACTS = {
    O: () => document.querySelector('[data-testid=stSidebar] [class*="st-key-bna-"][class*="-new"] button')?.click(),
    K: () => {
        open_sidebar();
        setTimeout(() => document.querySelector(SEARCH)?.focus());
    },
    "/": () => list_shortcuts(),
};

function list_shortcuts() {
    const open = document.querySelector("dialog.bna-shortcuts");
    if (open) return open.close();
    const dialog = document.createElement("dialog"), list = document.createElement("dl");
    const heading = document.createElement("h2"), close = document.createElement("button");
    dialog.className = "bna-shortcuts";
    [heading.textContent, heading.id, close.textContent, close.type] = ["Shortcuts", "bna-shortcuts", "Close", "button"];
    dialog.setAttribute("aria-labelledby", heading.id);
    for (const [keys, what] of SHORTCUTS) {
        const term = document.createElement("dt"), told = document.createElement("dd");
        term.append(...keys.map((key) => Object.assign(document.createElement("kbd"), { textContent: key })));
        told.textContent = what;
        list.append(term, told);
    }
    close.onclick = () => dialog.close();
    dialog.onclick = ({ target }) => { if (target === dialog) dialog.close(); };
    dialog.onclose = () => dialog.remove();
    dialog.append(heading, list, close);
    document.querySelector("[data-testid=stApp]").append(dialog);  // the theme's colours hold there
    dialog.showModal();
}

window.bnaShortcuts ??= addEventListener("keydown", (event) => {
    if (!(IS_MAC ? event.metaKey : event.ctrlKey) || event.altKey || document.querySelector("[role=dialog]")) return;
    const key = event.key === "/" ? "/" : event.key.toUpperCase();
    if (!(key in ACTS) || (key !== "/" && event.shiftKey !== (key === "O"))) return;
    event.preventDefault();
    ACTS[key]();
}, true) ?? true;

// The list of chats finds while one types: Streamlit takes a text at Enter, and keeps what is typed meanwhile.
const SEARCH = '[data-testid=stSidebar] [class*="st-key-bna-"][class*="-search"] input', TYPED_FOR_MS = 60;
let searching = 0;
window.bnaSearch ??= addEventListener("input", ({ target, isComposing }) => {
    if (isComposing || !target.matches?.(SEARCH)) return;
    clearTimeout(searching);
    searching = setTimeout(() => {
        target.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", code: "Enter", keyCode: 13, bubbles: true }));
    }, TYPED_FOR_MS);
}, true) ?? true;
