// Dialogs: data-opens="id" opens, data-closes closes, and so does a press beside it; focus goes back by itself.
import { on, start } from "./dom.js";

on("click", "[data-opens]", (opener, event) => {
  const dialog = document.getElementById(opener.dataset.opens);
  if (!dialog) return;
  event.preventDefault();
  dialog.showModal();
});
on("click", "[data-closes]", (button) => button.closest("dialog")?.close());
on("click", "dialog.sheet", (dialog, event) => {
  if (event.target === dialog) dialog.close();
});
start("dialog[data-open]", (dialog) => dialog.showModal());
