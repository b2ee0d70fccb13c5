const SHOWN_FOR_MS = 1500;
const done = new Set();
// The number of a source in a text opens the source's button.
window.bnaSources ??= document.addEventListener("click", (event) => {
    const number = event.target.closest?.('a[href*="#bna-source-"]');
    if (!number) return;
    event.preventDefault();
    // Once this click is through: what is opened in it, it would close as a click beside it.
    setTimeout(() => document.querySelector(".st-key-" + CSS.escape(number.hash.slice(1)) + " button")?.click());
}, true) ?? true;
// What a model thinks gets a new heading when it has ended: who has the keyboard on the old one keeps it there.
window.bnaThinking ??= (() => {
    const block = (name) => `[class*="st-key-bna-thinking-${name}"]`;
    let id = "";
    addEventListener("focusin", ({ target }) => {
        id = target.closest?.(block(""))?.className.match(/st-key-bna-thinking-(\w+)/)?.[1] ?? id;
    });
    // The person goes elsewhere; Streamlit's box takes the keyboard by itself when it is drawn anew, and loses it.
    addEventListener("pointerdown", () => { id = ""; }, true);
    addEventListener("keydown", ({ key }) => { if (key === "Tab") id = ""; }, true);
    return setInterval(() => {
        if (!id || document.activeElement !== document.body) return;
        document.querySelector(block(id) + " summary")?.focus({ preventScroll: true });
    }, 100);
})();
// A button that is disabled while its file is made drops the keyboard out of its dialog, where nothing hears Escape.
window.bnaDialogs ??= addEventListener("keydown", (event) => {
    if (!event.isTrusted) return;  // the one below comes by here, too
    const dialog = [...document.querySelectorAll("[role=dialog]")].pop();
    if (!dialog || document.activeElement !== document.body) return;
    dialog.focus();
    dialog.dispatchEvent(new KeyboardEvent("keydown", { key: event.key, bubbles: true, cancelable: true }));
}, true) ?? true;
// Safari tells of the Enter that ends a composition (Japanese, Chinese, Korean) after it has ended: it sends nothing.
window.bnaComposition ??= addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.keyCode === 229) event.stopImmediatePropagation();
}, true) ?? true;
// What scrolls sideways can be reached by keyboard; and whoever comes to a page with a keyboard can write at once.
window.bnaActed ??= ["pointerdown", "keydown"].map((kind) => addEventListener(kind, () => {
    window.bnaActedOn = location.pathname;
}, true));
const tend = (tries = 150) => setTimeout(() => {
    for (const table of document.querySelectorAll("[data-testid=stMarkdownContainer] table"))
        if (table.scrollWidth > table.clientWidth) table.tabIndex = 0;
    const box = document.querySelector("[data-testid=stChatInputTextArea]");
    if (!box && tries) tend(tries - 1);  // on a slow machine it comes later
    // Again where the box was drawn anew, but not once a person has done something on the page: the keyboard is theirs.
    if (!box || box === window.bnaFocused || window.bnaActedOn === location.pathname) return;
    window.bnaFocused = box;
    if (document.activeElement === document.body && matchMedia("(pointer: fine) and (min-width: 768px)").matches)
        box.focus({ preventScroll: true });
}, 200);
// The page stays at the end of what is said until the person scrolls up or presses something in it, and again once they
// come back to the end, ask, or open another conversation. Streamlit's own rolling loses the end when what is drawn
// shrinks for a moment, and rolls away what is about to be pressed; so it moves nothing, and is told to rest.
const follow = window.bnaFollow ??= (() => {
    const PRESSED = "[data-testid=stMainBlockContainer] :is(button, summary, a, input, textarea)";
    const OPENS = "[data-testid=stSidebar] :is(a, .bna-open)";
    // What opens where it stands and asks the server nothing: to be told to go to the end was meant for a press before.
    const UNFOLDS = "[data-testid=stMainBlockContainer] :is(summary, [data-testid=stMenuButton] button, .bna-csv button)";
    // What is drawn may shrink and grow again within a frame; the browser tells of that as it tells of a person's scrolling.
    // So while the page changes, only who has just done one of these scrolls up, or searches with the browser's own box.
    const UP = ["ArrowUp", "PageUp", "Home", "Tab", " "];
    const TYPED = "input, textarea";
    const SCROLLS_FOR_MS = 2000, CHANGES_FOR_MS = 1000;
    let acted_at = -Infinity, changed_at = -Infinity, is_pressed = false;
    const act = ({ type, key, deltaY, buttons, isTrusted, target }) => {
        if (!isTrusted) return;
        if (type.startsWith("pointer")) is_pressed = type === "pointerdown" || (is_pressed && buttons > 0);  // its bar
        else if (type === "keydown" ? UP.includes(key) && !target.matches?.(TYPED)
            : page?.contains(target) && (type === "touchmove" || deltaY < 0))  // not in the sidebar
            acted_at = performance.now();
    };
    const ACTS = ["wheel", "touchmove", "keydown", "pointerdown", "pointermove", "pointerup", "pointercancel"];
    ACTS.forEach((kind) => addEventListener(kind, act, { capture: true, passive: true }));
    const has_acted = () => is_pressed || performance.now() - acted_at < SCROLLS_FOR_MS;
    const is_quiet = () => performance.now() - changed_at > CHANGES_FOR_MS || !document.hasFocus();
    let page = null, is_following = true, is_held = false, has_left = false, top = 0, height = 0;
    const is_at_end = () => page.scrollHeight - page.scrollTop - page.clientHeight < 2;
    const note = () => { top = page.scrollTop; height = page.scrollHeight; };
    // The way back to the end, for whoever has scrolled away.
    const FAR_PX = 200;
    const to_end = Object.assign(document.createElement("button"), { type: "button", className: "bna-to-end", ariaLabel: "Jump to the end", hidden: true });
    const arrow = Object.assign(document.createElement("span"), { className: "bna-icon", textContent: "arrow_downward", ariaHidden: "true", translate: false });
    to_end.append(arrow);
    to_end.onclick = () => { is_following = true; has_left = false; go(); offer_end(); };
    const offer_end = () => {
        const box = document.querySelector("[data-testid=stChatInput]")?.getBoundingClientRect();
        const is_far = page.scrollHeight - page.scrollTop - page.clientHeight > FAR_PX;
        to_end.hidden = !(box && is_far && page.querySelector("[data-testid=stChatMessage]"));
        if (to_end.hidden) return;
        if (!to_end.isConnected) document.querySelector(".stMain")?.append(to_end);
        Object.assign(to_end.style, { left: `${box.left + box.width / 2}px`, bottom: `${innerHeight - box.top + 10}px` });
    };
    const go = () => {
        if (!is_following || !page?.querySelector("[data-testid=stChatMessage]")) return;
        page.scrollTo({ top: page.scrollHeight });
        note();
    };
    const on_scroll = (event) => {
        if (!event.isTrusted) return;
        if (page.scrollTop > top && is_at_end()) is_following = true;
        if (page.scrollTop < top && (has_acted() || page.scrollHeight >= height && is_quiet())) {
            is_following = false;
            has_left = true;
        }
        note();
        go();
        offer_end();
    };
    const rest = () => {
        page.dispatchEvent(new WheelEvent("wheel"));
        setTimeout(() => page.dispatchEvent(new Event("scroll")), 20);
    };
    const press = (event) => {
        if (event.type === "keydown" && !["Enter", " "].includes(event.key)) return;
        if (event.target.closest?.(OPENS)) is_following = true;
        if (event.target.closest?.(PRESSED)) is_following = false;
        // Whoever scrolled up and then asks no longer scrolls up; and whoever asks and then scrolls up has left before
        // they are told to go to the end.
        if (event.key !== " ") acted_at = -Infinity;
        has_left = false;
        is_held = Boolean(event.target.closest?.(UNFOLDS));
        if (page) note();  // a scroll event comes a frame later: one from before the press must not undo it
    };
    ["pointerdown", "keydown"].forEach((kind) => addEventListener(kind, press, true));
    const resized = new ResizeObserver(() => { changed_at = performance.now(); go(); offer_end(); });
    const attach = () => {
        const found = document.querySelector("[data-testid=stAppScrollToBottomContainer]");
        if (!found || found === page) return;
        page = found;
        note();
        const { get } = Object.getOwnPropertyDescriptor(Element.prototype, "scrollTop");
        Object.defineProperty(page, "scrollTop", { get, set: rest, configurable: true });
        page.addEventListener("scroll", on_scroll, { passive: true });
        if (!page.querySelector("[data-testid=stChatMessage]")) page.scrollTo({ top: 0 });  // an empty page has no end
        resized.disconnect();
        [page, ...page.children].forEach((it) => resized.observe(it));
    };
    const start = () => { if (!is_held && !has_left) { is_following = true; go(); } };
    return { attach, stop: () => { is_following = false; }, start };
})();
// Whoever asks for an answer that is being written waits with it until all else of the page is there (`page_is_drawn`).
const SKELETON = "[data-testid=stSkeleton]";
const tell_drawn = (tell) => setTimeout(() => document.querySelector(SKELETON) ? tell_drawn(tell) : tell(), 50);
// A Stop that comes while the page is drawn can end that drawing, and Streamlit may lose the one behind it: then the page
// says for good that an answer is being written. Where nothing has moved for a while, it asks; seldom, if it is so.
const IS_WRITTEN =
    ".st-key-bna_stop button, [data-testid=stChatInputStopButton], [data-testid=stChatInputTextArea]:is(:disabled, [data-ahead])";
const STUCK_AFTER_MS = 4000;
window.bnaStuck ??= (() => {
    const shown = () => document.querySelector(IS_WRITTEN)
        ? [...document.querySelectorAll("[data-testid=stChatMessage]")].map((it) => it.textContent.length).join()
        : "";
    let last = "", since = 0, wait_ms = STUCK_AFTER_MS;
    return setInterval(() => {
        const now = shown();
        if (now !== last || !now || document.querySelector(SKELETON)) {
            [last, since, wait_ms] = [now, performance.now(), STUCK_AFTER_MS];
        } else if (performance.now() - since > wait_ms) {
            [since, wait_ms] = [performance.now(), 2 * wait_ms];
            window.bnaAskAgain();
        }
    }, 500);
})();
const show = (key) => {
    // Older messages are drawn above it meanwhile; but whoever scrolls, decides.
    follow.stop();
    const until = Date.now() + SHOWN_FOR_MS;
    const leave = ["wheel", "touchstart", "keydown", "mousedown"];
    let is_left = false;
    const on_leave = () => { is_left = true; };
    leave.forEach((kind) => addEventListener(kind, on_leave, { once: true, passive: true }));
    const look = () => {
        if (is_left || Date.now() > until) return;
        document.querySelector(".st-key-" + key)?.scrollIntoView({ block: "center" });
        setTimeout(look, 50);
    };
    look();
};
const obey = (command) => {
    if (command.to_end) follow.start();
    if (command.leaves_sidebar && matchMedia("(max-width: 767px)").matches)
        document.querySelector("[data-testid=stSidebarCollapseButton] button")?.click();
    if (command.copy) navigator.clipboard.writeText(command.copy);
    if (command.show) show(command.show);
};
export default function ({ data: [commands, session, options], parentElement, setTriggerValue }) {
    let voice = parentElement.querySelector("[role=status]");
    if (!voice) {
        voice = document.createElement("p");
        voice.setAttribute("role", "status");
        parentElement.appendChild(voice);
    }
    window.bnaSay = (text) => { voice.textContent = text; };
    window.bnaOptions(options, (id) => setTriggerValue("assistant", id));
    window.bnaAskAgain = () => setTriggerValue("stuck", true);
    tend();
    follow.attach();
    if (session && window.bnaTold !== session) {
        window.bnaTold = session;
        tell_drawn(() => setTriggerValue("drawn", true));
    }
    // A busy browser passes over drawings: those before the newest may not have been done either.
    const fresh = commands.filter(({ id }) => !done.has(id));
    if (fresh.length) voice.textContent = fresh.map(({ say }) => say).filter(Boolean).join(" ");
    for (const command of fresh) {
        done.add(command.id);
        obey(command);
    }
}
