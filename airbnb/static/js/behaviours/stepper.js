// Guests: two buttons beside a real number field.
import { all, on, start } from "./dom.js";

const limits = (input) => ({ min: Number(input.min || 0), max: Number(input.max || 99) });
const settle = (input) => {
  const { min, max } = limits(input);
  all("button[data-step]", input.closest(".stepper")).forEach((button) => {
    button.disabled = button.dataset.step < 0 ? Number(input.value) <= min : Number(input.value) >= max;
  });
};

on("click", ".stepper button[data-step]", (button) => {
  const input = button.closest(".stepper").querySelector("input");
  const { min, max } = limits(input);
  input.value = Math.min(max, Math.max(min, Number(input.value) + Number(button.dataset.step)));
  settle(input);
  input.dispatchEvent(new Event("change", { bubbles: true }));
  if (button.disabled) input.focus();
});
on("change", ".stepper input", settle);
start(".stepper input", settle);
