// The theme of all pages. Streamlit keeps one for each address under which a page was opened, and reads it at the start.
// Source: utils.js of Streamlit 1.67, `stActiveTheme-<path>-v2`, one of the three names as JSON.
const THEMES = [["System", "As the system"], ["Light", "Light"], ["Dark", "Dark"]];
const base = () => location.pathname.replace(/[^/]*$/, "");
const place = (name) => `stActiveTheme-${base()}${name}-v2`;
const kept = () => {
    try { return JSON.parse(localStorage.getItem(place(location.pathname.slice(base().length)))) ?? "System"; } catch { return "System"; }
};
const pick = (theme, names) => {
    names.forEach((name) => localStorage.setItem(place(name), JSON.stringify(theme)));
    location.reload();
};
export default function ({ data: [names], parentElement }) {
    if (parentElement.querySelector("fieldset")) return;
    const group = document.createElement("fieldset"), legend = document.createElement("legend");
    group.className = "bna-theme";
    legend.textContent = "Theme";
    group.append(legend, ...THEMES.map(([theme, label]) => {
        const line = document.createElement("label"), radio = document.createElement("input");
        Object.assign(radio, { type: "radio", name: "bna-theme", value: theme, checked: theme === kept() });
        radio.onchange = () => pick(theme, names);
        line.append(radio, label);
        return line;
    }));
    parentElement.append(group);
}
