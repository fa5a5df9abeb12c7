// Small behaviours on top of pages which already work without them, one file each. Elements are found by data
// attributes and there are no inline handlers, so that a strict Content-Security-Policy holds.
import "./behaviours/theme.js";
import "./behaviours/dialog.js";
import "./behaviours/menu.js";
import "./behaviours/toast.js";
import "./behaviours/focus.js";
import "./behaviours/busy.js";
import "./behaviours/countdown.js";
import "./behaviours/stepper.js";
import "./behaviours/calendar.js";
import "./behaviours/copy.js";
import "./behaviours/reveal.js";
import "./behaviours/pair.js";
import "./behaviours/combobox.js";
import "./behaviours/autosubmit.js";
import "./behaviours/htmx.js";
import "./behaviours/live.js";
