// A card and its pin light up together; list and map swap on small screens.
import { all, on } from "./dom.js";

for (const type of ["mouseover", "focusin", "mouseout", "focusout"]) {
  on(type, "[data-pair]", (element) =>
    all(`.pin[data-pair="${CSS.escape(element.dataset.pair)}"]`).forEach((pin) =>
      pin.classList.toggle("lit", type === "mouseover" || type === "focusin"),
    ),
  );
}
on("click", "[data-swap-view]", (button) => {
  const split = document.querySelector(".split");
  const wasMap = split.dataset.view === "map";
  split.dataset.view = wasMap ? "list" : "map";
  button.querySelector("span").textContent = wasMap ? button.dataset.map : button.dataset.list;
});
