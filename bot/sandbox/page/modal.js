// The stack of modals; its top is on screen.

import { el, freshId, reconcile } from "./dom.js";
import { act, attempt, world } from "./state.js";
import { showBlocks, viewSurface } from "./surface.js";
import { toast } from "./toast.js";

const surfaces = new Map(); // view id → surface, so that a view that comes back on top still has what was typed
let shown = null; // the drawn top: {viewId, dialog, body, …}

/** Brings the dialog in line with the viewer's stack of modals. */
export function renderModals() {
  const stack = world.snapshot.modals;
  forgetClosed(stack);
  const top = stack.at(-1);
  if (!top) {
    shown?.dialog.close();
    shown = null;
    return;
  }
  if (shown?.viewId !== top.view.id) openView(top, stack.length);
  showView(top);
}

function forgetClosed(stack) {
  const open = new Set(stack.map(({ view }) => view.id));
  for (const id of surfaces.keys()) if (!open.has(id)) surfaces.delete(id);
}

function openView({ view, values }, depth) {
  if (!surfaces.has(view.id)) surfaces.set(view.id, viewSurface(view.id, values));
  const previous = shown?.dialog;
  shown = frame(view, depth);
  document.body.append(shown.dialog);
  shown.dialog.showModal();
  previous?.close();
}

/** The empty dialog: head, body, foot. Its form lets Enter in a one-line field submit. */
function frame(view, depth) {
  const id = freshId("title");
  const close = (clear) => act({ do: "close", view: view.id, clear });
  const title = el("h2", { id, testid: "modal-title" });
  const body = el("div", { class: "modal-body", testid: "modal-body" });
  const foot = el("div", { class: "dialog-foot" });
  const cross = el(
    "button",
    {
      type: "button",
      class: "icon-button",
      "aria-label": "Close all",
      testid: "modal-close-all",
      on: { click: () => close(true) },
    },
    "✕",
  );
  const note =
    depth > 1 && el("small", { class: "modal-depth" }, "Closing leads back");
  const form = el(
    "form",
    { novalidate: true, on: { submit: (event) => submit(event, view.id) } },
    el("div", { class: "dialog-head" }, title, note, cross),
    body,
    foot,
  );
  const dialog = el("dialog", { class: "modal", "aria-labelledby": id, testid: "modal" }, form);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    // A file chooser inside the dialog also cancels; only Esc on the dialog itself closes the view.
    if (event.target === dialog) close(false);
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    // A browser may close on a second Esc by itself; the next state then shows what is still open.
    if (shown?.dialog === dialog) shown = null;
  });
  return { viewId: view.id, dialog, title, body, foot, close, isNew: true };
}

function showView({ view, errors }) {
  const { title, body, foot, isNew } = shown;
  const surface = surfaces.get(view.id);
  surface.shows(view.blocks);
  title.textContent = view.title.text;
  showBlocks(body, view.blocks, surface, errors);
  showFoot(foot, view);
  if (isNew) focusFirst(body, foot);
  shown.isNew = false;
}

function showFoot(foot, view) {
  const closing = view.close?.text ?? (view.submit ? "Cancel" : "Close");
  const items = [{ key: "close", signature: closing, build: () => closeButton(closing) }];
  if (view.submit)
    items.push({ key: "submit", signature: view.submit.text, build: () => submitButton(view.submit.text) });
  reconcile(foot, items);
}

function closeButton(text) {
  const { close } = shown;
  return el(
    "button",
    { type: "button", class: "button", testid: "modal-close", on: { click: () => close(false) } },
    text,
  );
}

function submitButton(text) {
  return el("button", { type: "submit", class: "button button-primary", testid: "modal-submit" }, text);
}

/** The element the app wants focused; else the first field, or the way on, with the dialog still at its top. */
function focusFirst(body, foot) {
  const wanted = body.querySelector("[data-focus-on-load]");
  if (wanted) focusControl(wanted);
  else focusControl(body.querySelector("input, textarea") ?? foot.lastElementChild, { preventScroll: true });
}

async function submit(event, viewId) {
  event.preventDefault();
  const button = event.target.querySelector("[type=submit]");
  if (!button || button.getAttribute("aria-busy") === "true") return;
  const surface = surfaces.get(viewId);
  button.setAttribute("aria-busy", "true");
  const answer = await attempt({ do: "submit", view: viewId, values: surface.form.values(surface.blocks) });
  button.removeAttribute("aria-busy");
  const invalid = shown?.viewId === viewId && shown.body.querySelector("[aria-invalid=true]");
  if (invalid) focusControl(invalid);
  else if (!answer.ok) toast(answer.error);
}

/** Focuses a field; of radio buttons or checkboxes the chosen one, else the first. */
function focusControl(field, how) {
  const isGroup = field.matches("[role=group], [role=radiogroup]");
  (isGroup ? (field.querySelector("input:checked") ?? field.querySelector("input")) : field).focus(how);
}
