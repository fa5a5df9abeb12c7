// A page that changes by itself (body[data-live]): it asks, while it is looked at, whether its stamp is still the
// present one, and if not brings in what became different.
// Where the question cannot be answered, its status is asked for now and then. Without scripts, one reloads.
import { bringIn } from "./fresh.js";

const EVERY_MS = 1250, SLOW_MS = 15000;
const page = document.body;

const ask = async () => {
  const answer = await fetch(page.dataset.live, {
    headers: { "If-None-Match": `"${page.dataset.stamp}"` }, cache: "no-store", credentials: "omit",
  });
  if (answer.status === 304) return EVERY_MS;
  if (!answer.ok) throw new Error(answer.status);
  await bringIn();
  return EVERY_MS;
};

// The way round: the page's own status by its ETag, or where it has none the page itself.
const askSlowly = async () => {
  if (page.dataset.fallback) {
    const answer = await fetch(page.dataset.fallback, { headers: { "If-None-Match": page.dataset.tag }, cache: "no-store" });
    if (answer.status === 304) return;
  }
  await bringIn();
};

let timer, busy = false;
const round = async () => {
  clearTimeout(timer);
  if (busy || document.hidden || !page.dataset.live) return;
  busy = true;
  let wait = SLOW_MS;
  try {
    wait = await ask();
  } catch {
    await askSlowly().catch(() => {});
  }
  busy = false;
  timer = setTimeout(round, wait);
};
if (page.dataset.live) {
  timer = setTimeout(round, EVERY_MS);
  document.addEventListener("visibilitychange", round);
  addEventListener("online", round);
}
