// Every kind of select: one choice or several, from fixed options, from the app, or from people and conversations.

import { Suggestions } from "./combo.js";
import { el } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { findConversation, findPerson, world } from "./state.js";
import { SELECTS } from "./values.js";

const words = (text) =>
  text.type === "plain_text" && text.emoji !== false ? withEmoji(text.text) : text.text;

// A choice is {id, label, detail?, raw}: `raw` is what Slack puts in the value.
const ofOption = (option) => ({
  id: option.value,
  label: words(option.text),
  detail: option.description && words(option.description),
  raw: option,
});
const ofPerson = (id) => ({ id, label: findPerson(id)?.name ?? id, detail: findPerson(id)?.title, raw: id });
const ofConversation = (id) => {
  const known = findConversation(id);
  return { id, label: known ? `${known.kind === "im" ? "" : "#"}${known.name}` : id, raw: id };
};

function ofRaw(type, raw) {
  if (type.includes("users")) return ofPerson(raw);
  return type.includes("conversations") || type.includes("channels") ? ofConversation(raw) : ofOption(raw);
}

/** Groups of choices that contain the typed words. */
async function findChoices(element, place, typedText) {
  const { type } = element;
  if (type.includes("external")) return askApp(element, place, typedText);
  const has = ({ label, detail }) =>
    `${label} ${detail ?? ""}`.toLowerCase().includes(typedText.trim().toLowerCase());
  return groupsOf(element).map(({ label, choices }) => ({ label, choices: choices.filter(has) }));
}

async function askApp(element, { surface, blockId }, typedText) {
  if (typedText.length < (element.min_query_length ?? 3)) return [];
  const answer = await surface.suggest(blockId, element.action_id, typedText);
  return optionGroups(answer);
}

function optionGroups({ options, option_groups: groups }) {
  if (groups)
    return groups.map((group) => ({ label: words(group.label), choices: group.options.map(ofOption) }));
  return [{ choices: (options ?? []).map(ofOption) }];
}

function groupsOf(element) {
  const { type, filter } = element;
  if (type.includes("static")) return optionGroups(element);
  if (type.includes("users")) return [{ choices: selectablePeople().map(({ id }) => ofPerson(id)) }];
  const kinds = type.includes("channels") ? ["public"] : (filter?.include ?? ["public", "private", "im"]);
  const shown = world.snapshot.conversations.filter(({ kind }) =>
    kinds.includes(kind === "channel" ? "public" : kind),
  );
  return [{ choices: shown.map(({ id }) => ofConversation(id)) }];
}

/** Slack offers the app's bot user as well; an app has to check whom it was given. */
function selectablePeople() {
  const { people, app } = world.boot;
  return [...people.filter((person) => !person.deleted), { id: app.bot_user }];
}

/** A select: `changed(value)` is called with the new value in Slack's shape. */
export function picker(element, place, attributes, changed) {
  return new Picker(element, place, attributes, changed).node;
}

class Picker {
  constructor(element, place, attributes, changed) {
    Object.assign(this, { element, place, changed, ...SELECTS[element.type] });
    this.input = el("input", {
      type: "text",
      ...attributes,
      placeholder: element.placeholder?.text ?? "Choose …",
    });
    this.chips = el("span", { class: "chips" });
    this.node = el("div", { class: "picker" }, this.chips, this.input);
    const find = (text) => this.#find(text);
    new Suggestions(this.input, {
      find,
      choose: (option) => this.#choose(option),
      empty: emptyNote(element),
    });
    this.input.addEventListener("focus", () => this.input.select());
    this.input.addEventListener("blur", () => this.#leave());
    this.input.addEventListener("keydown", (event) => this.#press(event));
    this.#redraw();
  }

  /** The choices that are made now; one at most unless the select takes several. */
  get #chosen() {
    const value = this.place.surface.form.get(this.place.blockId, this.element)[this.key];
    const raws = (this.many ? value : [value]).filter((raw) => raw !== null);
    return raws.map((raw) => ofRaw(this.element.type, raw));
  }

  #put(raws) {
    this.changed({ type: this.element.type, [this.key]: this.many ? raws : (raws[0] ?? null) });
    this.#redraw();
  }

  #choose({ choice, chosen: already }) {
    if (already && this.many) this.#remove(choice);
    else this.#put(this.many ? [...this.#chosen.map(({ raw }) => raw), choice.raw] : [choice.raw]);
  }

  #remove({ id }) {
    this.#put(this.#chosen.filter((other) => other.id !== id).map(({ raw }) => raw));
  }

  async #find(text) {
    const groups = await findChoices(this.element, this.place, text);
    return asSuggestions(groups, new Set(this.#chosen.map(({ id }) => id)));
  }

  /** Emptying the field of a single choice takes the choice back; half-typed words are dropped. */
  #leave() {
    if (!this.many && !this.input.value.trim() && this.#chosen.length) this.#put([]);
    else this.#redraw();
  }

  #press({ key }) {
    if (this.many && key === "Backspace" && !this.input.value && this.#chosen.length)
      this.#remove(this.#chosen.at(-1));
  }

  #redraw() {
    this.input.value = this.many ? "" : (this.#chosen[0]?.label ?? "");
    if (this.many)
      this.chips.replaceChildren(...this.#chosen.map((choice) => chip(choice, () => this.#remove(choice))));
  }
}

function emptyNote(element) {
  const least = element.min_query_length ?? 3;
  return element.type.includes("external") && least
    ? `Type ${least} or more characters to search`
    : "Nothing found";
}

function asSuggestions(groups, chosenIds) {
  return groups.map(({ label, choices }) => ({
    label,
    options: choices.map((choice) => ({
      choice,
      label: choice.label,
      detail: choice.detail,
      chosen: chosenIds.has(choice.id),
    })),
  }));
}

function chip({ label }, remove) {
  return el(
    "button",
    { type: "button", class: "chip", "aria-label": `Remove ${label}`, testid: "chip", on: { click: remove } },
    label,
    el("span", { "aria-hidden": "true" }, " ✕"),
  );
}
