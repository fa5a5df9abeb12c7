// The time left until a deadline (data-until), second by second, by the server's clock (data-now: when the server wrote
// it) and not by this machine's. All timers of the page are written at once and nothing is kept in them, so parts of the
// page may be swapped at any time. Spoken at five minutes, at one and at the end; then the page is asked for anew.
import { all, say } from "./dom.js";
import { bringIn } from "./fresh.js";

const SPOKEN_S = [300, 60], LATE_S = 10;
// At the end the page is asked for after this long, and less and less often while it says the same.
const ASK_AFTER_MS = [400, 3000, 10000, 30000, 60000];
const JUMP_MS = 2000;

// ------------------------------------------------------------------------------------------ the server's clock
// The server's time at the beginning of this page's own clock, which nobody can set. What is heard is always late by
// its way here, so of several answers the one that is ahead is the nearest.
let origin = -Infinity;
const hear = (written, at) => {
  origin = Math.max(origin, Date.parse(written) - at);
};
const serverNow = () => origin + performance.now();
const [visit] = performance.getEntriesByType("navigation");
let known = new Set();
let heardAt = visit?.responseStart ?? 0;

// A machine that slept, or whose clock was set, shows in the difference of the two clocks.
const gap = () => Date.now() - performance.now();
let lastGap = gap();
const jumped = () => {
  const before = lastGap;
  lastGap = gap();
  return Math.abs(lastGap - before) > JUMP_MS;
};

// ------------------------------------------------------------------------------------------ one beat
const two = (number) => String(number).padStart(2, "0");
const written = (seconds) => {
  const hours = Math.floor(seconds / 3600), minutes = Math.floor(seconds / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
};

const before = new Map(); // by deadline: the seconds that were left at the beat before
const asked = new Map(); // by deadline: how often the page was asked for since it was over

const speak = (timer, left) => {
  const was = before.get(timer.dataset.until) ?? left, words = timer.dataset;
  // a page that was hidden meanwhile does not tell what is long past
  const passed = SPOKEN_S.find((mark) => was > mark && left <= mark && left > mark - LATE_S);
  if (passed) say(passed === 60 ? words.sayMinute : words.sayMinutes.replace("MINUTES", passed / 60));
  if (was > 0 && left === 0) say(words.sayOver);
};

const end = (until) => {
  const times = asked.get(until) ?? 0;
  if (times < 0) return;
  asked.set(until, -1); // one question at a time
  setTimeout(async () => {
    await bringIn().catch(() => {});
    asked.set(until, times + 1);
  }, ASK_AFTER_MS[Math.min(times, ASK_AFTER_MS.length - 1)]);
};

let next;
const beat = () => {
  clearTimeout(next);
  const timers = all("[data-until]");
  for (const { dataset } of timers) {
    if (!known.has(dataset.now)) hear(dataset.now, heardAt);
  }
  known = new Set(timers.map(({ dataset }) => dataset.now));
  if (!timers.length) return;
  if (jumped()) bringIn().catch(() => {});
  const now = serverNow(), lefts = new Map();
  for (const timer of timers) {
    const ms = Date.parse(timer.dataset.until) - now;
    if (Number.isNaN(ms)) continue;
    const left = Math.max(0, Math.ceil(ms / 1000)), text = written(left);
    if (timer.textContent !== text) timer.textContent = text;
    speak(timer, left);
    lefts.set(timer.dataset.until, left);
    if (left) asked.delete(timer.dataset.until);
    else if (!timer.hasAttribute("data-stays")) end(timer.dataset.until);
  }
  lefts.forEach((left, until) => before.set(until, left));
  const soonest = Math.min(...timers.map(({ dataset }) => Date.parse(dataset.until) - now).filter((ms) => ms > 0));
  next = setTimeout(beat, Number.isFinite(soonest) ? soonest % 1000 || 1000 : 1000);
};

// whatever htmx or the live page brings in is written at once, by what the server has just said
document.addEventListener("htmx:load", () => {
  heardAt = performance.now();
  beat();
});
document.addEventListener("visibilitychange", beat);
beat();
