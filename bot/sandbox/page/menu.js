// A menu that drops from a button, and the small "Are you sure?" dialog.

import { el, freshId } from "./dom.js";

/** A button that opens a menu of `items` (`{label, detail?, href?, testid?, choose}`). */
export function menuButton(props, face, items) {
  const button = el(
    "button",
    { type: "button", "aria-haspopup": "menu", "aria-expanded": "false", ...props },
    face,
  );
  button.addEventListener("click", () => openMenu(button, items));
  return button;
}

function openMenu(button, items) {
  const menu = el(
    "div",
    { class: "menu", role: "menu", popover: "auto", id: freshId("menu") },
    ...items.map(menuItem),
  );
  menu.addEventListener("keydown", (event) => moveInMenu(menu, event));
  menu.addEventListener("click", () => menu.hidePopover());
  menu.addEventListener("toggle", ({ newState }) => {
    button.setAttribute("aria-expanded", String(newState === "open"));
    if (newState === "closed") menu.remove();
  });
  (button.closest("dialog") ?? document.body).append(menu);
  menu.showPopover();
  placeAt(menu, button);
  menu.firstElementChild?.focus();
}

function menuItem({ label, detail, href, testid, choose }) {
  const link = href && /^https?:/i.test(href);
  const props = {
    role: "menuitem",
    class: "menu-item",
    testid: testid ?? "menu-item",
    on: { click: choose },
  };
  const words = [el("span", {}, label), detail && el("small", {}, detail)];
  return link
    ? el("a", { ...props, href, target: "_blank", rel: "noopener noreferrer" }, ...words)
    : el("button", { ...props, type: "button" }, ...words);
}

function moveInMenu(menu, event) {
  const items = [...menu.children];
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1 + items.length, Home: 0, End: items.length - 1 }[event.key];
  if (event.key === "Tab") menu.hidePopover();
  if (event.key === "Escape") event.stopPropagation();
  if (to === undefined) return;
  event.preventDefault();
  items[to % items.length].focus();
}

function placeAt(menu, button) {
  const face = button.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const below = face.bottom + 4 + height <= window.innerHeight;
  menu.style.left = `${Math.max(8, Math.min(face.left, window.innerWidth - width - 8))}px`;
  menu.style.top = `${below ? face.bottom + 4 : Math.max(8, face.top - height - 4)}px`;
}

/** Asks Slack's `confirm` question; resolves to whether the person said yes. Without a question the answer is yes. */
export function confirmed(question) {
  if (!question) return Promise.resolve(true);
  const dialog = el("dialog", { class: "confirm", testid: "confirm", "aria-label": question.title.text });
  const answer = new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      resolve(dialog.returnValue === "yes");
      dialog.remove();
    });
  });
  const style = question.style === "danger" ? "danger" : "primary";
  dialog.append(
    el(
      "form",
      { method: "dialog" },
      el("h2", {}, question.title.text),
      el("p", {}, question.text.text),
      el(
        "div",
        { class: "dialog-foot" },
        el(
          "button",
          { class: "button", value: "no", testid: "confirm-deny" },
          question.deny?.text ?? "Cancel",
        ),
        el(
          "button",
          { class: `button button-${style}`, value: "yes", testid: "confirm-yes" },
          question.confirm?.text ?? "Yes",
        ),
      ),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  return answer;
}
