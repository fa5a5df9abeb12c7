// data-copy: the words go to the clipboard, and a toast says so.
import { on } from "./dom.js";
import { toast } from "./toast.js";

on("click", "[data-copy]", async (button) => {
  const words = button.dataset.copy || location.href;
  try {
    await navigator.clipboard.writeText(words);
    toast(button.dataset.said);
  } catch {
    // no permission, or no clipboard: let the reader copy by hand
    prompt("", words);
  }
});
