// A form is sent once. Its button turns busy and says so; coming back by history makes it ready again.
import { all } from "./dom.js";

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("data-many")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  const button = event.submitter ?? form.querySelector("button:not([type=button])");
  if (!button) return;
  button.setAttribute("aria-busy", "true");
  if (button.dataset.busy) {
    button.dataset.ready = button.textContent;
    button.textContent = button.dataset.busy;
  }
});

const ready = (form) => {
  delete form.dataset.sent;
  all("button[aria-busy]", form).forEach((button) => {
    button.removeAttribute("aria-busy");
    if (button.dataset.ready) button.textContent = button.dataset.ready;
  });
};
addEventListener("pageshow", (event) => {
  if (event.persisted) all("form[data-sent]").forEach(ready);
});
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt.closest?.("form");
  if (form?.dataset.sent) ready(form);
});
