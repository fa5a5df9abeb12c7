// Toasts stay eight seconds, longer while the pointer or the focus is on them; what can be undone says so.
import { on, start } from "./dom.js";

const STAYS_MS = 8000;

const leaveLater = (shown) => {
  let timer;
  const wait = () => {
    timer = setTimeout(() => shown.remove(), STAYS_MS);
  };
  const hold = () => clearTimeout(timer);
  for (const type of ["pointerenter", "focusin"]) shown.addEventListener(type, hold);
  for (const type of ["pointerleave", "focusout"]) shown.addEventListener(type, wait);
  wait();
};

/** Show words at the foot of the page. With undo, its button calls it and the toast leaves. */
export const toast = (words, undo) => {
  const box = document.getElementById("toasts");
  if (!box) return;
  const shown = document.createElement("div");
  const text = document.createElement("span");
  const button = document.createElement("button");
  shown.className = "toast";
  text.textContent = words;
  button.type = "button";
  button.textContent = undo ? box.dataset.undo : box.dataset.close;
  button.addEventListener("click", () => {
    undo?.();
    shown.remove();
  });
  shown.append(text, button);
  box.replaceChildren(shown);
  leaveLater(shown);
};

start("[data-toast-shown]", leaveLater);
on("click", "[data-toast-close]", (button) => button.closest(".toast").remove());
on("click", "[data-toast]", (element) => toast(element.dataset.toast));

// A server answer may bring one: HX-Trigger: {"toast": {"text": "Saved"}}
document.addEventListener("toast", (event) => toast(event.detail.text ?? event.detail.value));
