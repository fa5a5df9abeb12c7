// Combobox with a list (APG): the list may be in the page or swapped in by the server as one types. Arrows move the
// mark, Enter takes, Escape closes, and typing never changes what was typed.
import { all, start } from "./dom.js";

start("input[role=combobox]", (input) => {
  const list = document.getElementById(input.getAttribute("aria-controls"));
  if (!list?.matches(".options")) return;
  const items = () => all("[role=option]", list);
  const open = (yes) => {
    list.hidden = !yes || !items().length;
    input.setAttribute("aria-expanded", !list.hidden);
    if (list.hidden) input.removeAttribute("aria-activedescendant");
  };
  const mark = (item) => {
    items().forEach((option) => option.setAttribute("aria-selected", option === item));
    if (!item) return;
    input.setAttribute("aria-activedescendant", item.id);
    item.scrollIntoView({ block: "nearest" });
  };
  const take = (item) => {
    input.value = item.dataset.value;
    open(false);
    input.focus();
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };
  input.addEventListener("input", () => {
    const typed = input.value.trim().toLowerCase();
    items().forEach((item) => { item.hidden = typed !== "" && !item.textContent.toLowerCase().includes(typed); });
    open(items().some((item) => !item.hidden));
    mark(null);
  });
  input.addEventListener("blur", () => setTimeout(() => open(false), 120));
  input.addEventListener("keydown", (event) => {
    const shown = items().filter((item) => !item.hidden);
    const now = shown.findIndex((item) => item.getAttribute("aria-selected") === "true");
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && shown.length) {
      event.preventDefault();
      open(true);
      const step = event.key === "ArrowDown" ? 1 : now < 0 ? 0 : -1;
      mark(shown.at((now + step) % shown.length));
    } else if (event.key === "Enter" && !list.hidden && now >= 0) {
      event.preventDefault();
      take(shown[now]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.stopPropagation();
      open(false);
    }
  });
  list.addEventListener("mousedown", (event) => {
    const item = event.target.closest("[role=option]");
    if (!item) return;
    event.preventDefault();
    take(item);
  });
});
