// Around htmx: focus after a change of subject, a line for screen readers, and a toast when the network fails.
import { say } from "./dom.js";
import { toast } from "./toast.js";

document.addEventListener("htmx:afterSettle", (event) => {
  const fragment = event.detail.elt;
  // an error summary takes focus by itself (focus.js); a fragment may name its heading
  fragment.querySelector?.("[data-focus-after-swap]")?.focus();
  const counted = fragment.querySelector?.("[data-announce]");
  if (counted) say(counted.textContent.trim());
});
for (const type of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(type, () => toast(document.body.dataset.failed));
}
