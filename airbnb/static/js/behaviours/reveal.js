// Show or hide what is typed in a password field.
import { on, start } from "./dom.js";

start("[data-reveal]", (button) => {
  button.hidden = false;
  button.dataset.showLabel = button.textContent;
});
on("click", "[data-reveal]", (button) => {
  const field = document.getElementById(button.getAttribute("aria-controls"));
  const shown = field.type === "password";
  field.type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", shown);
  button.textContent = shown ? button.dataset.hideLabel : button.dataset.showLabel;
});
