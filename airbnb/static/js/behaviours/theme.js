// The theme form works without this: here it only saves the page from loading again.
import { all } from "./dom.js";

const root = document.documentElement;

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-theme-form]") || !event.submitter) return;
  event.preventDefault();
  const { value } = event.submitter;
  if (value === "system") delete root.dataset.theme;
  else root.dataset.theme = value;
  all("button[name=theme]", form).forEach((button) => button.setAttribute("aria-pressed", button === event.submitter));
  fetch(form.action, { method: "POST", body: new FormData(form, event.submitter), redirect: "manual" });
});
