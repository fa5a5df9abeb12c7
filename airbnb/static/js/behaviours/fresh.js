// The page as it is now, brought into the page that is open: what differs is changed around focus, scroll and what is
// being typed. Used by live.js when something happened, and by countdown.js when a time is over.
import { say } from "./dom.js";

const page = document.body;
const BELL_MS = 1500;
const FIELDS = "input:not([type=hidden]), textarea, select";

const alike = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName && (a.id ?? "") === (b.id ?? "");
// what the reader has opened, typed or chosen is the reader's
const opened = (name) => name === "open" || name === "hidden";
const chosen = (name) => name === "value" || name === "checked";

const morph = (old, fresh) => {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeType !== Node.ELEMENT_NODE) {
    old.nodeValue = fresh.nodeValue;
    return;
  }
  const field = old.matches(FIELDS);
  const theirs = (name) => opened(name) || (field && chosen(name));
  for (const { name } of [...old.attributes]) if (!theirs(name) && !fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) {
    if (!theirs(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  if (field) return;
  let here = old.firstChild;
  for (const child of [...fresh.childNodes]) {
    let match = here;
    while (match && !alike(match, child)) match = match.nextSibling;
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

const words = (selector) => {
  const copy = document.querySelector(selector)?.cloneNode(true);
  copy?.querySelectorAll("[role=timer]").forEach((timer) => timer.remove());
  return copy?.textContent.trim().replace(/\s+/g, " ") ?? "";
};

const replace = (fresh) => {
  const news = words("[data-live-news]"), subject = words("h1"), main = document.getElementById("main");
  for (const name of ["live", "stamp", "tag"]) page.dataset[name] = fresh.body.dataset[name] ?? "";
  morph(main, fresh.getElementById("main"));
  document.title = fresh.title;
  window.htmx?.process(main);
  document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: main } }));
  if (words("[data-live-news]") !== news) say(words("[data-live-news]"));
  if (words("h1") === subject) return;
  // another subject stands here now: the reader begins at its head
  main.focus({ preventScroll: true });
  scrollTo({ top: 0 });
};

const bring = async () => {
  // a form that was sent will bring its own page
  if (document.querySelector("form[data-sent]")) return;
  // a page that answered a form says where it is read
  const here = page.dataset.address || location.pathname + location.search;
  const answer = await fetch(here, { headers: { "X-Live": "1" }, cache: "no-store" });
  if (answer.status >= 500) throw new Error(answer.status);
  if (!answer.ok || answer.redirected) {
    location.replace(answer.redirected ? answer.url : here);
    return;
  }
  replace(new DOMParser().parseFromString(await answer.text(), "text/html"));
  // who is told of an event is told a moment after the page
  setTimeout(() => window.htmx?.trigger(document.querySelector("[data-bell]") ?? page, "news"), BELL_MS);
};

let coming = null;
/** Bring in what became different; fails where the page cannot be had now. Asked twice at once, it is fetched once. */
export const bringIn = () => {
  coming ??= bring().finally(() => {
    coming = null;
  });
  return coming;
};
