// The calendar grid: one tab stop, keys as in the APG grid pattern, a stay by two presses which fill the native
// date fields. The first press moves nothing but the mark; the live line says what is expected next.
import { all, start } from "./dom.js";

const CLOSED_NIGHT = ".booked, .blocked, .past";
const cellOf = (day) => day.closest("td");
// the day which takes focus once the months that hold it have come
let awaited = null;

const begin = (calendar) => {
  const days = all(".day[data-date]", calendar);
  const live = calendar.querySelector("[aria-live]");
  const words = calendar.dataset;
  const seen = (day) => day.offsetParent !== null;
  const field = (id) => document.getElementById(id);
  let first = null;

  const stop = (day, focus = true) => {
    if (!day) return;
    days.forEach((other) => { other.tabIndex = -1; });
    day.tabIndex = 0;
    if (focus) day.focus();
  };
  const tell = (text) => { if (live && text) live.textContent = text; };
  const mark = (span) => {
    days.forEach((day) => {
      cellOf(day).classList.remove("start", "range", "end");
      cellOf(day).setAttribute("aria-selected", "false");
    });
    span.forEach((day, at) => {
      cellOf(day).classList.add(at === 0 ? "start" : at === span.length - 1 ? "end" : "range");
      cellOf(day).setAttribute("aria-selected", "true");
    });
  };
  const fill = (checkIn, checkOut) => {
    const start = field(words.checkIn), end = field(words.checkOut);
    if (!start || !end) return false;
    start.value = checkIn;
    end.value = checkOut;
    end.dispatchEvent(new Event("change", { bubbles: true }));
    calendar.dispatchEvent(new CustomEvent("stay", { bubbles: true, detail: { checkIn, checkOut } }));
    return true;
  };
  const spanTo = (day) => days.slice(days.indexOf(first), days.indexOf(day) + 1);

  const pickSecond = (day) => {
    const span = spanTo(day);
    if (span.slice(0, -1).some((night) => night.matches(CLOSED_NIGHT))) return tell(words.sayTaken);
    mark(span);
    const nights = span.length - 1;
    tell(nights === 1 ? words.sayOne : words.sayChosen?.replace("NIGHTS", nights));
    fill(first.dataset.date, day.dataset.date);
    first = null;
  };
  const pick = (day) => {
    stop(day);
    const last = first && day.dataset.date > first.dataset.date;
    // a closed day may still be the morning one leaves, unless it is past
    const leaving = last && !day.matches(".past") && !spanTo(day).slice(0, -1).some((night) => night.matches(CLOSED_NIGHT));
    if (day.hasAttribute("aria-disabled") && !leaving) return tell(day.textContent.trim());
    if (last) return pickSecond(day);
    first = day;
    mark([day]);
    tell(words.sayIn);
  };

  const page = (day, months) => {
    const to = new Date(`${day.dataset.date}T00:00:00Z`);
    to.setUTCMonth(to.getUTCMonth() + months);
    const on = to.toISOString().slice(0, 10);
    const there = days.find((other) => other.dataset.date === on);
    if (there && seen(there)) return there;
    const step = calendar.querySelector(`[data-cal-step="${months}"]`);
    if (step) awaited = on;
    step?.click();
    return null;
  };
  const target = (day, key) => {
    const at = days.indexOf(day);
    const row = days.filter((other) => other.closest("tr") === day.closest("tr"));
    switch (key) {
      case "ArrowRight": return days[at + 1];
      case "ArrowLeft": return days[at - 1];
      case "ArrowDown": return days[at + 7];
      case "ArrowUp": return days[at - 7];
      case "Home": return row[0];
      case "End": return row.at(-1);
      case "PageDown": return page(day, 1);
      case "PageUp": return page(day, -1);
      default: return undefined;
    }
  };

  calendar.addEventListener("keydown", (event) => {
    if (!event.target.matches(".day[data-date]")) return;
    if (event.key === " ") {
      event.preventDefault();
      pick(event.target);
      return;
    }
    const to = target(event.target, event.key);
    if (to === undefined) return;
    event.preventDefault();
    if (to && seen(to)) stop(to);
  });
  calendar.addEventListener("click", (event) => {
    const day = event.target.closest(".day[data-date]");
    if (!day) return;
    // without the native fields on the page the link itself leads on
    const canFill = field(words.checkIn) && field(words.checkOut);
    if (canFill || day.hasAttribute("aria-disabled")) {
      event.preventDefault();
      pick(day);
    }
  });
  const begins = days.find((day) => cellOf(day).matches(".start"));
  stop(begins ?? days.find((day) => !day.hasAttribute("aria-disabled")) ?? days[0], false);
  if (awaited) {
    stop(days.find((day) => day.dataset.date === awaited && seen(day)) ?? days.find(seen));
    awaited = null;
  }
};

start("[data-cal]", begin);
