// A month: days that have a chat, and today, are buttons; the others are text. What is picked goes to Python as its date.
const iso = (day) => [
    String(day.getFullYear()).padStart(4, "0"),
    String(day.getMonth() + 1).padStart(2, "0"),
    String(day.getDate()).padStart(2, "0"),
].join("-");
const parse = (text) => new Date(...text.split("-").map((part, place) => Number(part) - (place === 1 ? 1 : 0)));

function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
}

function press(element, act) {
    element.type = "button";
    element.onclick = act;
    return element;
}

class Month {
    constructor(root) {
        this.box = make("div", { class: "month" });
        root.append(this.box);
    }

    take(data, send) {
        this.data = data;
        this.send = send;
        if (this.shown !== data.shown) {
            this.shown = data.shown;
            this.first = parse(data.shown);
            this.first.setDate(1);
        }
        this.draw();
    }

    turn(months) {
        this.first.setMonth(this.first.getMonth() + months);
        this.draw();
    }

    draw() {
        const { weekdays, first, language } = this.data;
        const name = this.first.toLocaleDateString(language, { month: "long", year: "numeric" });
        const order = weekdays.map((_, place) => weekdays[(first + place) % 7]);
        const head = make("div", { class: "head" },
            press(make("button", { "aria-label": "Previous month" }, "‹"), () => this.turn(-1)),
            make("strong", { "aria-live": "polite" }, name),
            press(make("button", { "aria-label": "Next month" }, "›"), () => this.turn(1)));
        const table = make("table", { "aria-label": name },
            make("thead", {}, make("tr", {}, ...order.map((day) => make("th", { scope: "col" }, day)))),
            make("tbody", {}, ...this.weeks()));
        this.box.replaceChildren(head, table);
    }

    weeks() {
        const rows = [];
        const day = new Date(this.first);
        const before = (day.getDay() + 6 - this.data.first + 7) % 7;
        day.setDate(1 - before);
        while (rows.length === 0 || day.getMonth() === this.first.getMonth()) {
            const row = make("tr");
            for (let place = 0; place < 7; place++) {
                row.append(make("td", {}, ...(day.getMonth() === this.first.getMonth() ? [this.cell(new Date(day))] : [])));
                day.setDate(day.getDate() + 1);
            }
            rows.push(row);
        }
        return rows;
    }

    cell(day) {
        const { days, today, shown, language } = this.data;
        const date = iso(day);
        const number = String(day.getDate());
        if (date !== today && !days.includes(date)) return make("span", {}, number);
        const label = day.toLocaleDateString(language, { dateStyle: "full" });
        const button = make("button", { "aria-label": label, "aria-pressed": String(date === shown) }, number);
        if (date === today) button.setAttribute("aria-current", "date");
        return press(button, () => this.send(date));
    }
}

export default function ({ data: [data], parentElement, setTriggerValue }) {
    parentElement.bnaMonth ??= new Month(parentElement);
    parentElement.bnaMonth.take(data, (date) => setTriggerValue("picked", date));
}
