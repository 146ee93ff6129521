// The card that says what can be tried here, with a list to tick off.

import { avatar } from "./avatar.js";
import { el } from "./dom.js";
import { become, findPerson, go, redraw, world } from "./state.js";

const DISMISSED = "guide-dismissed";
const TICKED = "guide-ticked";

/** Whether the card has something to say. */
function hasGuide() {
  return Boolean(world.boot.intro || world.boot.guide.length);
}

/** Whether the card shows by itself: until it is put away. */
export function guideShows() {
  return hasGuide() && sessionStorage.getItem(DISMISSED) !== "yes";
}

/** The button that brings the card back. */
export function guideToggle() {
  const open = () => {
    sessionStorage.removeItem(DISMISSED);
    go({ thread: "guide" });
  };
  return el(
    "button",
    { type: "button", class: "stop", testid: "guide-open", hidden: !hasGuide(), on: { click: open } },
    "? Guide",
  );
}

/** The card itself. */
export function guide() {
  const { intro, guide: steps, workspace } = world.boot;
  const dismiss = () => {
    sessionStorage.setItem(DISMISSED, "yes");
    go({ thread: null });
    redraw(); // the address may have stayed the same
  };
  return el(
    "section",
    { class: "guide", testid: "guide" },
    el(
      "div",
      { class: "pane-title" },
      el("div", {}, el("h2", {}, "What to try"), el("p", {}, workspace)),
      el(
        "button",
        {
          type: "button",
          class: "icon-button",
          "aria-label": "Dismiss the guide",
          testid: "guide-dismiss",
          on: { click: dismiss },
        },
        "✕",
      ),
    ),
    el("p", {}, intro),
    steps.length > 0 && el("ol", { class: "guide-steps" }, ...steps.map(stepNode)),
  );
}

function stepNode({ person: id, text }, index) {
  const person = findPerson(id);
  const box = el("input", {
    type: "checkbox",
    testid: `guide-tick-${index}`,
    on: { change: () => tick(index, box.checked) },
  });
  box.checked = ticked().has(index);
  const isViewer = id === world.place.person;
  return el(
    "li",
    {},
    el("label", { class: "guide-step" }, box, el("span", {}, text)),
    person &&
      el(
        "button",
        {
          type: "button",
          class: "guide-person",
          disabled: isViewer,
          testid: `guide-be-${index}`,
          on: { click: () => become(id) },
        },
        avatar(person),
        isViewer ? `You are ${person.name}` : `Be ${person.name}`,
      ),
  );
}

function ticked() {
  return new Set(JSON.parse(sessionStorage.getItem(TICKED) ?? "[]"));
}

function tick(index, isDone) {
  const steps = ticked();
  if (isDone) steps.add(index);
  else steps.delete(index);
  sessionStorage.setItem(TICKED, JSON.stringify([...steps]));
}
