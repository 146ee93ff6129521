// The faults one can put between the app and Slack: a button in the clock bar, and the panel it opens.

import { el, freshId, show } from "./dom.js";
import { clearFaults, postFault } from "./server.js";
import { go, world } from "./state.js";
import { toast } from "./toast.js";

const PLACE = "faults";
const DELIVERIES = "deliveries";
const FIRST_METHODS = ["chat.postMessage", "chat.update", "views.open"]; // the ones tried most, before the others
const OF_CALLS = {
  ratelimited: "429, too many calls",
  http_500: "500, server error",
  timeout: "Time-out, no answer",
  lost_reply: "Accepted, but the reply is lost",
  reset: "Connection dropped",
};
const OF_DELIVERIES = {
  repeat: "Delivered twice",
  reorder: "Delivered after the next one",
  lost_reply: "Delivered, but the ack is lost",
  reset: "Socket dropped instead",
};

/** Whether the address asks for the panel. */
export function faultsShow() {
  return world.place.thread === PLACE;
}

/** How many faults can still strike. */
export function faultsInForce() {
  return world.snapshot.faults.filter(({ over }) => !over).length;
}

/** The button that opens and closes the panel; it says how many faults can still strike. */
export function faultsToggle() {
  const count = faultsInForce();
  return el(
    "button",
    {
      type: "button",
      class: "stop",
      testid: "faults-open",
      "aria-expanded": String(faultsShow()),
      "aria-label": count ? `Faults, ${count} in force` : null,
      on: { click: () => go({ thread: faultsShow() ? null : PLACE }) },
    },
    "⚡",
    el("span", { class: count ? "only-wide" : "" }, " Faults"),
    count > 0 && ` ${count}`,
  );
}

/** The panel: a form to plan a fault, and the list that `showFaults` fills. */
export function faultsPanel() {
  const close = () => go({ thread: null });
  return el(
    "section",
    { class: "faults", testid: "faults", "aria-label": "Faults" },
    el(
      "div",
      { class: "pane-title" },
      el("div", {}, el("h2", {}, "Faults"), el("p", {}, "Between the app and Slack, not this page")),
      el(
        "button",
        {
          type: "button",
          class: "icon-button",
          "aria-label": "Close the faults",
          testid: "faults-close",
          on: { click: close },
        },
        "✕",
      ),
    ),
    faultForm(),
    el("div", { class: "fault-list", "aria-live": "polite" }),
  );
}

/** Brings the panel's list in line with the snapshot. */
export function showFaults(panel) {
  const { faults } = world.snapshot;
  show(panel.querySelector(".fault-list"), faults, () => faultList(faults));
}

function faultForm() {
  const target = el("select", { name: "target", testid: "fault-target" }, ...targetOptions());
  const kind = el("select", { name: "kind", testid: "fault-kind" });
  const seconds = number("retry_after", 30, { min: 0, max: 3600 });
  const wait = labelled("Retry-After, in seconds", seconds);
  const suit = () => {
    wait.hidden = kind.value !== "ratelimited";
    seconds.disabled = wait.hidden; // or a wrong number nobody sees would hold up the form
  };
  const offer = () => {
    kind.replaceChildren(...options(kindsOf(target.value)));
    suit();
  };
  target.addEventListener("change", offer);
  kind.addEventListener("change", suit);
  offer();
  return el(
    "form",
    { class: "fault-form", on: { submit: plan } },
    labelled("What fails", target),
    labelled("How", kind),
    wait,
    howOften(),
    el("button", { type: "submit", class: "button button-primary", testid: "fault-add" }, "Add fault"),
  );
}

function targetOptions() {
  const others = world.boot.methods.filter((method) => !FIRST_METHODS.includes(method));
  const methods = Object.fromEntries([...FIRST_METHODS, ...others].map((method) => [method, method]));
  return [
    el("option", { value: "any" }, "Any call of the app"),
    el("option", { value: DELIVERIES }, "Any delivery to the app"),
    el("optgroup", { label: "Calls of one method" }, ...options(methods)),
  ];
}

function options(labels) {
  return Object.entries(labels).map(([value, label]) => el("option", { value }, label));
}

function kindsOf(target) {
  return target === DELIVERIES ? OF_DELIVERIES : OF_CALLS;
}

function labelled(label, control) {
  return el("label", { class: "fault-field" }, el("span", {}, label), control);
}

function number(name, value, limits) {
  const testid = `fault-${name.replace("_", "-")}`;
  return el("input", { type: "number", name, value, required: true, step: 1, testid, ...limits });
}

/** The next few, or a share; writing into a number chooses its row. */
function howOften() {
  const legend = freshId("legend");
  return el(
    "div",
    { class: "fault-often", role: "radiogroup", "aria-labelledby": legend },
    el("span", { id: legend }, "How often"),
    choice("times", "The next", [number("times", 1, { min: 1, max: 10000, "aria-label": "How many" })], true),
    choice("share", "A share of", [
      number("percent", 20, { min: 1, max: 100, "aria-label": "Percent" }),
      "%, seed",
      number("seed", 1, { min: 0, max: 4294967295, "aria-label": "Seed" }),
    ]),
  );
}

function choice(value, label, parts, checked = false) {
  const radio = el("input", { type: "radio", name: "often", value, checked, testid: `fault-often-${value}` });
  const row = el("div", { class: "fault-choice" }, el("label", {}, radio, label), ...parts);
  row.addEventListener("input", () => {
    radio.checked = true;
  });
  return row;
}

async function plan(event) {
  event.preventDefault();
  const form = new FormData(event.target);
  const asNumber = (name) => Number(form.get(name));
  const often =
    form.get("often") === "share"
      ? { share: asNumber("percent") / 100, seed: asNumber("seed") }
      : { times: asNumber("times") };
  const wait = form.get("kind") === "ratelimited" ? { retry_after: asNumber("retry_after") } : {};
  await told(postFault({ target: form.get("target"), kind: form.get("kind"), ...often, ...wait }));
}

/** Says what went wrong; what went well shows in the next state. */
async function told(asking) {
  try {
    const { ok, error } = await asking;
    if (!ok) toast(error);
  } catch (problem) {
    toast(`The sandbox could not be reached. ${problem.message}`);
  }
}

function faultList(faults) {
  if (!faults.length) return el("p", { class: "fault-none" }, "No faults. Everything gets through.");
  return el(
    "div",
    {},
    el("ul", {}, ...faults.map(faultItem)),
    el(
      "button",
      { type: "button", class: "button", testid: "faults-clear", on: { click: () => told(clearFaults()) } },
      "Clear all",
    ),
  );
}

function faultItem(fault) {
  const { number: id, target, kind, over } = fault;
  const what = { any: "Any call", [DELIVERIES]: "Any delivery" }[target] ?? target;
  return el(
    "li",
    { class: over ? "fault-over" : "", testid: `fault-${id}` },
    el(
      "div",
      {},
      el("strong", {}, what),
      el("span", {}, `${kindsOf(target)[kind] ?? kind}${waiting(fault)}`),
      el("small", {}, tally(fault)),
    ),
    el(
      "button",
      {
        type: "button",
        class: "icon-button",
        "aria-label": `Remove: ${what}, ${kindsOf(target)[kind] ?? kind}`,
        testid: `fault-remove-${id}`,
        on: { click: () => told(clearFaults(id)) },
      },
      "✕",
    ),
  );
}

function waiting({ kind, retry_after: seconds }) {
  return kind === "ratelimited" ? `, Retry-After ${seconds}\u00a0s` : "";
}

/** How often it has struck, of how many. */
function tally({ times, share, seed, fired, over }) {
  if (share !== null) return `${Math.round(share * 100)} % (seed ${seed}) · struck ${fired}`;
  return `Struck ${fired} of ${times}${over ? " · over" : ""}`;
}
