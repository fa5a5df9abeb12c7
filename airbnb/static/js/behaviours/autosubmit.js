// data-autosubmit: a choice acts at once (order, filter); its submit button is for those without this.
import { on, start } from "./dom.js";

start("[data-autosubmit]", (form) => {
  form.querySelectorAll("[data-only-without-js]").forEach((button) => { button.hidden = true; });
});
on("change", "[data-autosubmit] :is(select, input)", (field) => field.form.requestSubmit());
