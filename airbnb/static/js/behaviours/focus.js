// Focus goes where the page's subject is: an error summary, or the heading of what was just swapped in.
import { on, start } from "./dom.js";

start("[data-focus]", (element) => element.focus({ preventScroll: false }));

// A link of the error summary leads to the field itself, also where its id is on a group of choices.
on("click", ".errors a[href^='#']", (link, event) => {
  const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!target) return;
  event.preventDefault();
  const field = target.matches("input, select, textarea") ? target : target.querySelector("input, select, textarea") ?? target;
  target.scrollIntoView({ block: "center" });
  field.focus({ preventScroll: true });
});
on("click", "[data-print]", () => print());
