// The list that “/” opens in the box, of commands and prompts, and “@”, of assistants. It opens where nothing else was written,
// and is gone with the first space: a “/” inside a text stays what it is. Each option: { mark, name, about, text, do, id }.
const PICKS = { new: () => ACTS.O(), search: () => ACTS.K(), shortcuts: () => ACTS["/"]() };
const OWN = [
    { mark: "/", name: "/new", about: "Begin a new chat", do: "new" },
    { mark: "/", name: "/search", about: "Search chats", do: "search" },
    { mark: "/", name: "/shortcuts", about: "List the shortcuts of the keyboard", do: "shortcuts" },
];
window.bnaOptions ??= (() => {
    let offered = [], shown = [], at = 0, pick_assistant = null;
    const list = Object.assign(document.createElement("ul"), { id: "bna-options", className: "bna-box-options", hidden: true });
    list.role = "listbox";
    const box = () => document.querySelector(BOX);
    const close = () => {
        list.hidden = true;
        shown = [];
        box()?.removeAttribute("aria-activedescendant");
        box()?.removeAttribute("aria-controls");
    };
    const mark = (place) => {
        at = (place + shown.length) % shown.length;
        [...list.children].forEach((it, number) => { it.ariaSelected = String(number === at); });
        box().setAttribute("aria-activedescendant", `bna-option-${at}`);
        list.children[at].scrollIntoView({ block: "nearest" });
    };
    const write = (text) => {
        box().focus();
        box().select();
        document.execCommand(text ? "insertText" : "delete", false, text);
    };
    const pick = ({ text = "", do: act, id }) => {
        close();
        write(text);
        if (act) PICKS[act]();
        if (id) pick_assistant(id);
    };
    const line = (option, number) => {
        const item = document.createElement("li"), name = document.createElement("strong"), about = document.createElement("span");
        [item.id, item.role] = [`bna-option-${number}`, "option"];
        [name.textContent, about.textContent] = [option.name, option.about];
        item.append(name, " ", about);
        item.onpointerdown = (event) => { event.preventDefault(); pick(option); };
        return item;
    };
    const open = (sought) => {
        const words = sought.slice(1).toLowerCase();
        shown = [...offered, ...OWN].filter((it) => it.mark === sought[0] && `${it.name} ${it.about}`.toLowerCase().includes(words));
        if (!shown.length) return close();
        list.ariaLabel = sought[0] === "@" ? "Assistants" : "Commands and prompts";
        list.replaceChildren(...shown.map(line));
        document.querySelector(".stMain").append(list);
        const { left, top, width } = box().closest(CHAT_INPUT).getBoundingClientRect();
        Object.assign(list.style, { left: `${left}px`, bottom: `${innerHeight - top + 6}px`, width: `${width}px`, maxHeight: `${Math.min(320, top - 16)}px` });
        list.hidden = false;
        box().setAttribute("aria-controls", list.id);
        mark(0);
        window.bnaSay?.(`${shown.length} in the list`);
    };
    const on_input = ({ target, isComposing }) => {
        if (!target.matches?.(BOX) || isComposing) return;
        /^[/@]\S*$/.test(target.value) ? open(target.value) : close();
    };
    const on_key = (event) => {
        if (list.hidden || event.isComposing || !event.target.matches?.(BOX)) return;
        const act = { ArrowDown: () => mark(at + 1), ArrowUp: () => mark(at - 1), Escape: close,
            Enter: () => pick(shown[at]), Tab: () => pick(shown[at]) }[event.key];
        if (!act || event.shiftKey) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        act();
    };
    addEventListener("input", on_input, true);
    addEventListener("keydown", on_key, true);
    addEventListener("focusout", ({ target }) => { if (target.matches?.(BOX)) close(); });
    return (options, send) => { [offered, pick_assistant] = [options, send]; };
})();
