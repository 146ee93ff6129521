// The business clock: what time it is in the story, and the stops one can move it to.

import { localToUnix, shortDay, timeOf, unixToLocal } from "./dates.js";
import { el, reconcile } from "./dom.js";
import { faultsInForce, faultsShow, faultsToggle } from "./faults.js";
import { guideToggle } from "./guide.js";
import { act, go, viewer, world } from "./state.js";

const ROOM_BEFORE_NEXT = 60; // pixels of the passed stop that stay in view

/** Brings the clock bar in line with the snapshot. */
export function renderClock(bar) {
  const { clock } = world.snapshot;
  const { tz } = viewer();
  const parts = [
    { key: "now", of: [clock.now, clock.moving, tz], build: () => now(clock, tz) },
    { key: "stops", of: [clock.stops, clock.moving, tz], build: () => stops(clock, tz) },
    { key: "tools", of: [faultsInForce(), faultsShow()], build: tools },
  ];
  const before = bar.querySelector(".clock-stops");
  reconcile(
    bar,
    parts.map(({ key, of, build }) => ({ key, signature: JSON.stringify(of), build })),
  );
  const strip = bar.querySelector(".clock-stops");
  const next = strip.querySelector(".stop-next");
  // Only after a redraw, so that it does not fight a person who scrolls along the stops.
  if (next && strip !== before) strip.scrollLeft = next.offsetLeft - strip.offsetLeft - ROOM_BEFORE_NEXT;
}

function tools() {
  return el("div", { class: "clock-tools" }, faultsToggle(), guideToggle());
}

function now({ now: instant, moving }, tz) {
  return el(
    "div",
    { class: "clock-now", role: "status", testid: "clock-now" },
    el("strong", {}, `${shortDay(instant, tz)}, ${timeOf(instant, tz)}`),
    el("small", {}, moving ? "⏳ The clock is moving …" : zoneName(tz)),
  );
}

/** "New York time" for America/New_York; a zone without a place, such as UTC, as it is. */
function zoneName(tz) {
  return tz.includes("/") ? `${tz.split("/").at(-1).replaceAll("_", " ")} time` : tz;
}

/** Stops in order: passed ones are marked, and it is said which comes next. */
function stops(clock, tz) {
  if (!clock.stops.length) return el("div", { class: "clock-stops" });
  const next = clock.stops.find(({ passed }) => !passed);
  return el(
    "div",
    { class: "clock-stops", role: "group", "aria-label": "Move the clock to" },
    ...clock.stops.map((stop) => stopButton(stop, stop === next, clock, tz)),
    otherTime(clock, tz),
  );
}

function stopButton({ key, label, at, passed }, isNext, { moving }, tz) {
  const move = () => {
    if (world.place.thread === "guide") go({ thread: null }); // on a phone it hides what happens next
    act({ do: "move_clock", stop: key });
  };
  const mark = passed ? "✓ " : isNext ? "Next ▸ " : "";
  return el(
    "button",
    {
      type: "button",
      class: `stop${isNext ? " stop-next" : ""}`,
      disabled: passed || moving,
      title: `${shortDay(at, tz)}, ${timeOf(at, tz)}${passed ? " (passed)" : ""}`,
      testid: `clock-stop-${key}`,
      on: { click: move },
    },
    `${mark}${label}`,
    passed && el("span", { class: "visually-hidden" }, " (passed)"),
  );
}

/** Any other time, in the viewer's zone. */
function otherTime({ now: instant, moving }, tz) {
  const local = unixToLocal(Date.parse(instant) / 1000, tz);
  const input = el("input", {
    type: "datetime-local",
    "aria-label": "Another time",
    value: local,
    min: local,
    testid: "clock-other",
    disabled: moving,
  });
  const move = () => {
    if (input.value)
      act({
        do: "move_clock",
        to: new Date(localToUnix(input.value, tz) * 1000).toISOString().replace(".000", ""),
      });
  };
  return el(
    "span",
    { class: "clock-other" },
    input,
    el(
      "button",
      { type: "button", class: "stop", disabled: moving, testid: "clock-go", on: { click: move } },
      "Go",
    ),
  );
}
