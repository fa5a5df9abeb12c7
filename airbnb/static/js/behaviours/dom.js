// What every behaviour needs: finding, listening once for the whole page, and starting on what htmx brings in later.

/** All elements for a selector below a root, the root itself included. */
export const all = (selector, root = document) => [
  ...(root.matches?.(selector) ? [root] : []),
  ...root.querySelectorAll(selector),
];

/** Listen on the page for an event on elements which match, whenever they come. */
export const on = (type, selector, act) =>
  document.addEventListener(type, (event) => {
    const element = event.target.closest?.(selector);
    if (element) act(element, event);
  });

/** Start a behaviour on every element which matches, now and after each swap; each element once. */
export const start = (selector, begin) => {
  const begun = new WeakSet();
  const run = (root) =>
    all(selector, root).forEach((element) => {
      if (begun.has(element)) return;
      begun.add(element);
      begin(element);
    });
  run(document);
  document.addEventListener("htmx:load", (event) => run(event.detail.elt));
};

/** Tell a screen reader something, politely. */
export const say = (words) => {
  const live = document.getElementById("live");
  if (!live) return;
  live.textContent = "";
  requestAnimationFrame(() => {
    live.textContent = words;
  });
};
