// Menus close on Escape and on a press outside. Opening is the browser's own.
import { all } from "./dom.js";

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  all("details[data-menu][open]").forEach((menu) => {
    menu.open = false;
    menu.querySelector("summary").focus();
  });
});
document.addEventListener("click", (event) =>
  all("details[data-menu][open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  }),
);
