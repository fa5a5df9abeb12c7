// A page that changes by itself (body[data-live]): it asks, while it is looked at, whether its stamp is still the
// present one, and if not brings in what became different, around focus, scroll and what is being typed.
// Where the question cannot be answered, its status is asked for now and then. Without scripts, one reloads.
import { say } from "./dom.js";

const EVERY_MS = 1250, SLOW_MS = 15000, BELL_MS = 1500;
const page = document.body;

const alike = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName && (a.id ?? "") === (b.id ?? "");
// what the reader has opened or typed is the reader's, and a running clock starts again only with another end
const readers = (name) => name === "open" || name === "hidden";
const restarts = (old, fresh) => old.dataset?.until !== fresh.dataset?.until;

const morph = (old, fresh) => {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeType !== Node.ELEMENT_NODE) {
    old.nodeValue = fresh.nodeValue;
    return;
  }
  if (old === document.activeElement && old.matches("input, textarea, select")) return;
  for (const { name } of [...old.attributes]) if (!readers(name) && !fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) {
    if (!readers(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  let here = old.firstChild;
  for (const child of [...fresh.childNodes]) {
    let match = here;
    while (match && !(alike(match, child) && !restarts(match, child))) match = match.nextSibling;
    if (!match) {
      old.insertBefore(document.importNode(child, true), here);
      continue;
    }
    while (here !== match) {
      const gone = here;
      here = here.nextSibling;
      gone.remove();
    }
    morph(match, child);
    here = match.nextSibling;
  }
  while (here) {
    const gone = here;
    here = here.nextSibling;
    gone.remove();
  }
};

const news = () => document.querySelector("[data-live-news]")?.textContent.trim().replace(/\s+/g, " ") ?? "";

const bringIn = async () => {
  const answer = await fetch(location.href, { headers: { "X-Live": "1" }, cache: "no-store" });
  if (!answer.ok || answer.redirected) {
    location.reload();
    return;
  }
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const before = news(), main = document.getElementById("main");
  for (const name of ["live", "stamp", "tag"]) page.dataset[name] = fresh.body.dataset[name] ?? "";
  morph(main, fresh.getElementById("main"));
  document.title = fresh.title;
  window.htmx?.process(main);
  document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: main } }));
  if (news() !== before) say(news());
  // who is told of an event is told a moment after the page
  setTimeout(() => window.htmx?.trigger(document.querySelector("[data-bell]") ?? main, "news"), BELL_MS);
};

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
