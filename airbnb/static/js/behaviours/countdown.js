// The time left until the server's deadline (data-until, an ISO moment), spoken only at five minutes and at one.
import { start } from "./dom.js";

const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

start("[data-until]", (timer) => {
  const end = Date.parse(timer.dataset.until);
  const spoken = timer.parentElement.querySelector("[data-say]");
  const tick = () => {
    if (!timer.isConnected) return;
    const left = Math.max(0, Math.round((end - Date.now()) / 1000));
    timer.textContent = clock(left);
    if (spoken && left === 300) spoken.textContent = timer.dataset.sayMinutes?.replace("MINUTES", "5") ?? "";
    if (spoken && left === 60) spoken.textContent = timer.dataset.sayMinute ?? "";
    if (left) setTimeout(tick, 1000 - (Date.now() % 1000));
    else timer.dispatchEvent(new CustomEvent("expired", { bubbles: true }));
  };
  if (!Number.isNaN(end)) tick();
});

// data-reload-expired: the page tells by itself what the end of the time means
document.addEventListener("expired", (event) => {
  if (event.target.closest("[data-reload-expired]")) location.reload();
});
