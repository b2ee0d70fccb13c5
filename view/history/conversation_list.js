// The list of saved conversations: rows that open one, each with a menu. What a person has typed is only ever text here.
// What is picked goes to Python as one object: { do: "Rename", id, name }.
const ICONS = {
    Rename: "edit", Pin: "keep", Unpin: "keep_off", Duplicate: "control_point_duplicate", Export: "download",
    Delete: "delete",
};

function make(tag, className, text = "", children = []) {
    const element = document.createElement(tag);
    element.className = className;
    element.append(...(text ? [text] : []), ...children);
    if (tag === "button") element.type = "button";
    return element;
}

function icon(name) {
    const drawn = make("span", "bna-icon", name);
    drawn.ariaHidden = "true";
    drawn.translate = false;
    return drawn;
}

/** The words of a message around a hit; every second piece is one that was sought. */
function snippet(pieces) {
    return make("span", "bna-snippet", "", pieces.map((piece, index) => (index % 2 ? make("strong", "", piece) : piece)));
}

class List {
    constructor(root) {
        this.rows = new Map();
        this.list = make("ul", "bna-list");
        this.menu = make("div", "bna-menu");
        this.menu.popover = "auto";
        this.menu.role = "menu";
        this.menu.onkeydown = (event) => this.moveInMenu(event);
        this.menu.ontoggle = () => this.owner?.setAttribute("aria-expanded", this.menu.matches(":popover-open"));
        root.append(this.list, this.menu);
    }

    draw({ rows, more, problem }, send) {
        this.send = send;
        const items = rows.map((row) => this.item(row));
        this.put([...items.flatMap((item) => (item.row.day ? [item.day, item] : [item])), ...this.more(more)]);
        for (const [id, item] of this.rows) if (!item.isConnected) this.rows.delete(id);
        this.tell(problem);
    }

    /** Let these stand in the list; what stands there already keeps the keyboard, and a click that has begun. */
    put(items) {
        const { children } = this.list;
        if (items.length === children.length && items.every((item, index) => item === children[index])) return;
        const focused = document.activeElement;
        this.list.replaceChildren(...items);
        if (this.list.contains(focused)) focused.focus({ preventScroll: true });
    }

    more(label) {
        if (!label) return [];
        this.further ??= make("li", "", "", [make("button", "bna-more")]);
        this.further.firstChild.textContent = label;
        this.further.firstChild.onclick = () => this.send({ do: "more" });
        return [this.further];
    }

    item(row) {
        const item = this.rows.get(row.id) ?? this.newItem();
        this.rows.set(row.id, item);
        if (JSON.stringify(item.row) === JSON.stringify(row)) return item;
        if (item.row && item.row.name !== row.name) this.close(item);
        item.row = row;
        item.day.firstChild.textContent = row.day;
        const [open, options] = item.querySelectorAll(":scope > button");
        open.replaceChildren(...(row.mark ? [icon(row.mark)] : []), make("span", "bna-name", row.name));
        open.title = row.name;
        open.ariaCurrent = row.is_open ? "true" : null;
        options.hidden = row.is_new;
        options.ariaLabel = `Options of ${row.name}`;
        if (row.snippet.length) open.append(snippet(row.snippet));
        return item;
    }

    newItem() {
        const open = make("button", "bna-open"), options = make("button", "bna-options", "", [icon("more_horiz")]);
        const item = make("li", "bna-row", "", [open, options]);
        item.day = make("li", "bna-day", "", [make("h3", "")]);
        open.onclick = () => this.send({ do: "open", id: item.row.id, message: item.row.message });
        options.ariaHasPopup = "menu";
        options.ariaExpanded = "false";
        // A press on the button of an open menu has closed it before the click comes.
        let was_open = false;
        options.onpointerdown = () => { was_open = this.owner === options && this.menu.matches(":popover-open"); };
        options.onclick = () => { was_open ? (was_open = false) : this.openMenu(item, options); };
        return item;
    }

    openMenu(item, owner) {
        this.owner = owner;
        const names = ["Rename", item.row.is_pinned ? "Unpin" : "Pin", "Duplicate", "Export", "Delete"];
        this.menu.replaceChildren(...names.map((name) => {
            const option = make("button", "", "", [icon(ICONS[name]), name]);
            option.role = "menuitem";
            option.onclick = () => { this.menu.hidePopover(); this.pick(item, name); };
            return option;
        }));
        this.menu.ariaLabel = owner.ariaLabel;
        this.menu.showPopover();
        const { bottom, left, top } = owner.getBoundingClientRect(), { offsetHeight, offsetWidth } = this.menu;
        this.menu.style.left = `${Math.max(8, Math.min(left, innerWidth - offsetWidth - 8))}px`;
        this.menu.style.top = `${bottom + offsetHeight > innerHeight ? Math.max(8, top - offsetHeight) : bottom}px`;
        this.menu.firstChild.focus();
    }

    moveInMenu(event) {
        const options = [...this.menu.children], at = options.indexOf(document.activeElement);
        const places = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 };
        if (event.key === "Tab") this.menu.hidePopover();
        if (!(event.key in places)) return;
        event.preventDefault();
        options.at(places[event.key] % options.length).focus();
    }

    pick(item, name) {
        if (name === "Rename") this.rename(item);
        else if (name === "Delete") this.confirm(item);
        else this.send({ do: name, id: item.row.id });
    }

    rename(item) {
        const name = make("input", ""), save = make("button", "bna-primary", "Rename");
        save.type = "submit";
        name.ariaLabel = "New name";
        name.value = item.row.name;
        const form = this.open(item, make("form", "", "", [name, save]));
        form.onsubmit = (event) => {
            event.preventDefault();
            if (name.value.trim() === item.row.name) this.close(item, true);
            else this.send({ do: "Rename", id: item.row.id, name: name.value });
            form.was_sent = true;
        };
        name.focus();
        name.select();
    }

    confirm(item) {
        const yes = make("button", "bna-primary", "Yes, delete"), no = make("button", "", "Keep it");
        this.open(item, make("div", "", "", [make("p", "", "Delete this chat permanently?"), yes, no]));
        yes.onclick = () => { this.close(item); this.send({ do: "Delete", id: item.row.id }); };
        no.onclick = () => this.close(item, true);
        no.focus();
    }

    /** Open a box below a row, and close every other one. */
    open(item, box) {
        this.rows.forEach((one) => this.close(one));
        box.classList.add("bna-box");
        box.onkeydown = (event) => { if (event.key === "Escape") this.close(item, true); };
        item.append(box);
        return box;
    }

    close(item, returns = false) {
        const box = item.querySelector(".bna-box");
        if (box && (returns || box.contains(document.activeElement))) item.querySelector(".bna-open").focus();
        box?.remove();
    }

    /** Say beside the box why a name was not taken. */
    tell(problem) {
        const form = this.rows.get(problem?.id)?.querySelector("form");
        form?.querySelector("[role=alert]")?.remove();
        if (!form?.was_sent || !problem.text) return;
        const told = make("p", "", problem.text);
        told.role = "alert";
        form.append(told);
    }
}

export default function ({ data, parentElement, setTriggerValue }) {
    parentElement.bnaList ??= new List(parentElement);
    parentElement.bnaList.draw(data, (picked) => setTriggerValue("picked", picked));
}
