// Short notices that go away by themselves.

import { el } from "./dom.js";

const SECONDS_ON_SCREEN = 8;

/** Shows a sentence for some seconds. `level` is "error" or "info"; the word itself is shown, not only its colour. */
export function toast(text, level = "error") {
  const close = () => node.remove();
  const node = el(
    "div",
    { class: `toast toast-${level}`, role: "alert", popover: "manual", testid: "toast" },
    el("strong", {}, level === "error" ? "Problem" : "Note"),
    el("span", {}, text),
    el(
      "button",
      { type: "button", class: "icon-button", "aria-label": "Dismiss", on: { click: close } },
      "✕",
    ),
  );
  document.querySelectorAll(".toast").forEach((old) => old.remove());
  // What lies outside an open modal dialog is inert, so the notice goes inside it.
  ([...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body).append(node);
  node.showPopover();
  setTimeout(close, SECONDS_ON_SCREEN * 1000);
}
