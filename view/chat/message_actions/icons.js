// Icons beside the menus of messages, each row a toolbar with one tab stop; and what a message's code and tables get:
// the name of the language, and “Copy as CSV”. What a model has written is only ever text here.
// What the server has to do goes to Python as one object: { do: "Regenerate", id }.
const ICONS = {
    Copy: "content_copy", Edit: "edit", Regenerate: "refresh", "Read aloud": "volume_up", "Good response": "thumb_up",
    "Bad response": "thumb_down",
};
const TOLD_FOR_MS = 1500, LOOKS_EVERY_MS = 200;
const READ_ALOUD = "Read aloud", STOP_READING = "Stop reading";
const SILENT = "pre, table, svg, button, .katex-mathml, [data-testid=stStatusWidget]";

function make(tag, className, text = "") {
    const element = document.createElement(tag);
    element.className = className;
    element.append(...(text ? [text] : []));
    if (tag === "button") element.type = "button";
    return element;
}

async function copy(text) {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const area = make("textarea", "");  // a page that came over the network without TLS has no clipboard
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
}

function tell(button, text) {
    const { textContent: icon } = button.firstChild, { ariaLabel: label } = button;
    if (button.told) return;
    [button.told, button.firstChild.textContent, button.ariaLabel] = [true, "check", text];
    setTimeout(() => { [button.told, button.firstChild.textContent, button.ariaLabel] = [false, icon, label]; }, TOLD_FOR_MS);
}

/** Only a voice of this machine reads aloud: a browser's other voices send the text to their maker. */
const voice = () => {
    const voices = window.speechSynthesis?.getVoices().filter(({ localService }) => localService) ?? [];
    return voices.find(({ lang }) => lang.startsWith(navigator.language.slice(0, 2))) ?? voices[0];
};

const spoken = (message) => {
    const prose = [...message.querySelectorAll(":scope [data-testid=stMarkdownContainer]")]
        .filter((it) => !it.closest("button, details, [data-testid=stExpander]"));
    return prose.map((it) => {
        const copied = it.cloneNode(true);
        copied.querySelectorAll(SILENT).forEach((part) => part.remove());
        return copied.textContent.trim();
    }).filter(Boolean).join("\n");
};

class Toolbar {
    constructor(send) {
        this.send = send;
        this.element = make("div", "bna-icons");
        this.element.role = "toolbar";
        this.element.ariaLabel = "Message actions";
        this.element.onkeydown = (event) => this.move(event);
    }

    draw(row) {
        const names = row.can.filter((name) => name !== READ_ALOUD || voice());
        const drawn = JSON.stringify([row.id, names, row.rating]);
        this.row = row;
        if (this.drawn === drawn) return;
        this.drawn = drawn;
        const focused = this.buttons.findIndex((it) => it === document.activeElement);
        this.element.replaceChildren(...names.map((name) => this.button(name, row.rating)));
        this.buttons.forEach((it, index) => { it.tabIndex = index === Math.max(0, focused) ? 0 : -1; });
        this.buttons[focused]?.focus({ preventScroll: true });
    }

    get buttons() { return [...this.element.children]; }

    button(name, rating) {
        const button = make("button", ""), icon = make("span", "bna-icon", ICONS[name]);
        icon.ariaHidden = "true";
        icon.translate = false;
        button.append(icon);
        button.ariaLabel = button.title = name;
        if (name.endsWith("response"))
            button.ariaPressed = String(rating === (name === "Good response" ? "up" : "down"));
        button.onclick = () => this.act(name, button);
        return button;
    }

    act(name, button) {
        if (name === "Copy") copy(this.row.text).then(() => tell(button, "Copied"), () => tell(button, "Not copied"));
        else if (name === READ_ALOUD) this.read(button);
        else this.send({ do: name, id: this.row.id });
    }

    read(button) {
        const { speechSynthesis } = window, was_reading = button.ariaLabel === STOP_READING;
        speechSynthesis.cancel();
        if (was_reading) return;
        const said = new SpeechSynthesisUtterance(spoken(this.element.closest("[data-testid=stChatMessage]")));
        said.voice = voice();
        said.onend = said.onerror = () => this.show(button, "volume_up", READ_ALOUD);
        this.show(button, "stop_circle", STOP_READING);
        speechSynthesis.speak(said);
    }

    show(button, icon, label) {
        button.firstChild.textContent = icon;
        button.ariaLabel = button.title = label;
    }

    move(event) {
        const { buttons } = this, at = buttons.indexOf(document.activeElement);
        const places = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 };
        if (!(event.key in places)) return;
        event.preventDefault();
        const next = buttons.at(places[event.key] % buttons.length);
        buttons.forEach((it) => { it.tabIndex = it === next ? 0 : -1; });
        next.focus();
    }
}

/** A table as comma-separated values (RFC 4180); what a spreadsheet would take for a formula stays text. */
function as_csv(table) {
    const cell = (it) => {
        const copied = it.cloneNode(true);
        copied.querySelectorAll(".katex-html").forEach((part) => part.remove());
        const text = copied.textContent.trim();
        const safe = /^[=+\-@\t]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
        return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
    };
    return [...table.rows].map((row) => [...row.cells].map(cell).join(",")).join("\r\n");
}

function tend_table(table) {
    if (table.lastElementChild?.className === "bna-csv") return;
    table.querySelector(":scope > .bna-csv")?.remove();
    const box = make("div", "bna-csv"), button = make("button", "");
    button.append(make("span", "bna-icon", "content_copy"), "Copy as CSV");
    button.firstChild.ariaHidden = "true";
    button.onclick = () => copy(as_csv(table)).then(() => tell(button, "Copied"));
    box.append(button);
    table.append(box);
}

function tend_code(code) {
    const language = code.className.match(/language-([\w+#-]+)/)?.[1] ?? "";
    const box = code.closest("[data-testid=stCode]");
    if (box && box.dataset.language !== language) box.dataset.language = language;
}

class Icons {
    constructor() {
        this.toolbars = new Map();
        this.rows = [];
        setInterval(() => this.place(), LOOKS_EVERY_MS);
    }

    draw(rows, send) {
        this.rows = rows;
        this.send = send;
        this.place();
    }

    /** Put each row beside its menu; menus and texts may come after this element, or be drawn anew. */
    place() {
        const page = document.querySelector("[data-testid=stMainBlockContainer]");
        if (!page) return;
        const places = new Set(this.rows.map(({ place }) => place));
        for (const [place, { element }] of this.toolbars)
            if (!places.has(place)) {
                element.remove();
                this.toolbars.delete(place);
            }
        for (const row of this.rows) {
            const [menu] = page.getElementsByClassName(row.place);
            if (!menu) continue;
            if (!this.toolbars.has(row.place)) this.toolbars.set(row.place, new Toolbar((what) => this.send(what)));
            const toolbar = this.toolbars.get(row.place);
            toolbar.draw(row);
            if (toolbar.element.parentElement !== menu) menu.append(toolbar.element);
            menu.toggleAttribute("data-newest", row === this.rows.at(-1));
        }
        for (const code of page.querySelectorAll("[data-testid=stChatMessage] [data-testid=stMarkdownPre] code")) tend_code(code);
        // Not in an answer that grows: there the table's own rows would come behind it.
        for (const { element } of this.toolbars.values())
            element.closest("[data-testid=stChatMessage]")
                ?.querySelectorAll("[data-testid=stMarkdownContainer] table").forEach(tend_table);
    }
}

export default function ({ data: [rows], setTriggerValue }) {
    const icons = window.bnaIcons ??= new Icons();
    icons.draw(rows, (what) => setTriggerValue("acted", what));
}
