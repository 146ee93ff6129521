// A text field with a list of suggestions under it (the ARIA combobox pattern). Selects, the person switcher and the
// composer's commands all use it, so that they behave alike.

import { el, freshId } from "./dom.js";

const GAP = 4; // pixels between field and list
const TALLEST = 320; // pixels

/**
 * The suggestions of one field. `find(text)` answers groups `[{label?, options: [{label, detail?, lead?, chosen?,
 * testid?}]}]` or a promise of them; `choose(option, key)` is called with the picked one, and the key if a
 * key picked it. `opens` says when the list shows:
 * "click" (or arrow keys, or typing), "focus", or "typing", which shows it only while something is found.
 */
export class Suggestions {
  #options = []; // [{option, node}] as shown
  #active = -1;
  #asked = 0; // counts the questions, so that a late answer to an old one is dropped
  #follow = ({ target }) => target !== this.list && place(this.list, this.input);

  constructor(input, { find, choose, opens = "click", empty = "Nothing found" }) {
    Object.assign(this, { input, find, choose, opens, empty });
    this.list = el("ul", {
      class: "combo-list",
      role: "listbox",
      popover: "manual",
      id: freshId("list"),
      "aria-label": "Suggestions",
    });
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", this.list.id);
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("autocomplete", "off");
    input.addEventListener("keydown", (event) => this.#press(event));
    input.addEventListener("input", () => this.open(input.value));
    input.addEventListener("blur", () => this.close());
    if (opens !== "typing") input.addEventListener("click", () => this.isOpen || this.open(""));
    if (opens === "focus") input.addEventListener("focus", () => this.open(""));
  }

  get isOpen() {
    return this.list.matches(":popover-open");
  }

  /** Shows what fits `text`. */
  async open(text) {
    this.#asked += 1;
    const ask = this.#asked;
    const groups = await this.find(text);
    if (ask !== this.#asked || !this.input.isConnected) return;
    this.#options = groups
      .flatMap(({ options }) => options)
      .map((option) => ({ option, node: this.#optionNode(option) }));
    if (!this.#options.length && this.opens === "typing") {
      this.close();
      return;
    }
    this.list.replaceChildren(...this.#listNodes(groups));
    this.#show();
    this.#mark(
      Math.max(
        0,
        this.#options.findIndex(({ option }) => option.chosen),
      ),
    );
  }

  close() {
    this.#asked += 1;
    if (this.isOpen) this.list.hidePopover();
    document.removeEventListener("scroll", this.#follow, true);
    this.list.remove();
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  #show() {
    // Inside the dialog, because what lies outside an open modal dialog cannot be clicked.
    if (!this.isOpen) (this.input.closest("dialog") ?? document.body).append(this.list);
    if (!this.isOpen) this.list.showPopover();
    document.addEventListener("scroll", this.#follow, true);
    place(this.list, this.input);
    this.input.setAttribute("aria-expanded", "true");
  }

  #mark(index) {
    const count = this.#options.length;
    if (!count) return;
    this.#active = (index + count) % count;
    this.#options.forEach(({ node }, at) => node.classList.toggle("active", at === this.#active));
    const { node } = this.#options[this.#active];
    node.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", node.id);
  }

  #pick(option, key) {
    this.close();
    this.choose(option, key);
  }

  #press(event) {
    const deed = event.isComposing
      ? null
      : this.isOpen
        ? this.#keyWhileOpen(event.key)
        : this.#keyWhileClosed(event.key);
    if (!deed) return;
    event.preventDefault();
    event.stopPropagation();
    deed();
  }

  #keyWhileOpen(key) {
    const active = this.#options[this.#active]?.option;
    const pick = () => active && this.#pick(active, key);
    return {
      ArrowDown: () => this.#mark(this.#active + 1),
      ArrowUp: () => this.#mark(this.#active - 1),
      Enter: pick,
      Escape: () => this.close(),
      Tab: this.opens === "typing" ? pick : null,
    }[key];
  }

  /** A list that shows by itself while one types leaves the keys to its field. */
  #keyWhileClosed(key) {
    const opensList = this.opens !== "typing" && ["ArrowDown", "ArrowUp", "Enter"].includes(key);
    return opensList ? () => this.open("") : null;
  }

  #optionNode(option) {
    const node = el(
      "li",
      {
        role: "option",
        id: freshId("option"),
        "aria-selected": String(Boolean(option.chosen)),
        testid: option.testid ?? "option",
      },
      option.lead,
      el(
        "span",
        { class: "combo-words" },
        el("span", {}, option.label),
        option.detail && el("small", {}, option.detail),
      ),
      option.chosen && el("span", { "aria-hidden": "true" }, "✓"),
    );
    // The press must not take the focus from the field; the click picks.
    node.addEventListener("mousedown", (event) => event.preventDefault());
    node.addEventListener("click", () => this.#pick(option));
    return node;
  }

  #listNodes(groups) {
    if (!this.#options.length) return [el("li", { class: "combo-empty", role: "presentation" }, this.empty)];
    const nodes = this.#options.map(({ node }) => node);
    return groups.flatMap(({ label, options }) => [
      ...(label ? [el("li", { class: "combo-group", role: "presentation" }, label)] : []),
      ...nodes.splice(0, options.length),
    ]);
  }
}

/** Below the field where there is room, else above it. */
function place(list, input) {
  const field = input.getBoundingClientRect();
  const below = window.innerHeight - field.bottom - 2 * GAP;
  const above = field.top - 2 * GAP;
  const upwards = below < Math.min(list.scrollHeight, TALLEST) && above > below;
  const width = Math.min(Math.max(field.width, 220), window.innerWidth - 2 * GAP);
  list.style.width = `${width}px`;
  list.style.left = `${Math.max(GAP, Math.min(field.left, window.innerWidth - width - GAP))}px`;
  list.style.maxHeight = `${Math.min(TALLEST, upwards ? above : below)}px`;
  list.style.top = upwards ? "auto" : `${field.bottom + GAP}px`;
  list.style.bottom = upwards ? `${window.innerHeight - field.top + GAP}px` : "auto";
}
