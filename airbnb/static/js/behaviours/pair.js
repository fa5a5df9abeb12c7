// A card and its pin light up together; list and map swap on small screens.
import { all, on, start } from "./dom.js";

for (const type of ["mouseover", "focusin", "mouseout", "focusout"]) {
  on(type, "[data-pair]", (element) =>
    all(`[data-pair="${CSS.escape(element.dataset.pair)}"]`).forEach((one) =>
      one.classList.toggle("lit", type === "mouseover" || type === "focusin"),
    ),
  );
}
// the chosen view outlives the results which a new search swaps in
let view = "list";
const show = (button) => {
  const split = document.querySelector(".split");
  if (split) split.dataset.view = view;
  button.querySelector("span").textContent = view === "map" ? button.dataset.list : button.dataset.map;
};
start("[data-swap-view]", (button) => {
  button.hidden = false;
  show(button);
});
on("click", "[data-swap-view]", (button) => {
  view = view === "map" ? "list" : "map";
  show(button);
});
