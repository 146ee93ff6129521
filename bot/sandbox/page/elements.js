// Interactive elements: buttons, menus and every input.

import { localToUnix, unixToLocal } from "./dates.js";
import { el, freshId } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { confirmed, menuButton } from "./menu.js";
import { picker } from "./picker.js";
import { richTextWords } from "./richtext.js";
import { viewer } from "./state.js";
import { textNodes } from "./text.js";
import { toast } from "./toast.js";
import { SELECTS } from "./values.js";

const SETTLED_AFTER = 700; // milliseconds: a date typed digit by digit passes through dates nobody meant
const MAX_FILE_BYTES = 10 * 1024 * 1024; // docs.slack.dev/reference/block-kit/block-elements/file-input-element

/**
 * Builds an element. `place` says where it sits: `{surface, blockId, dispatches, dispatchOn, attributes}`.
 * `surface` is `{form, click(blockId, action), suggest(blockId, actionId, text)}`; `dispatches` tells whether a change
 * goes to the app at once; `attributes` carry the label and the test hook of the control.
 */
export function buildElement(element, place) {
  const attributes = {
    testid: hookOf(element),
    "aria-label": element.accessibility_label,
    ...place.attributes,
  };
  if (Object.hasOwn(SELECTS, element.type))
    return picker(element, place, nameless(attributes, element), change(element, place));
  const build = Object.hasOwn(BUILDERS, element.type) ? BUILDERS[element.type] : unknown;
  return build(element, place, attributes);
}

const hookOf = ({ type, action_id }) => `${type === "button" ? "button" : "element"}-${action_id}`;

/** Outside an input block nothing labels a control but its own placeholder. */
function nameless(attributes, element) {
  if (attributes["aria-labelledby"] || attributes["aria-label"]) return attributes;
  return { ...attributes, "aria-label": element.placeholder?.text ?? element.type.replaceAll("_", " ") };
}

/** Stores a new value and, where the element dispatches, tells the app after Slack's `confirm` question. */
function change(element, place) {
  return (value) => {
    place.surface.form.set(place.blockId, element.action_id, value);
    if (place.dispatches) send(element, place, value);
  };
}

async function send(element, place, value) {
  if (!(await confirmed(element.confirm))) return;
  await place.surface.click(place.blockId, { action_id: element.action_id, ...value });
}

/** Runs a job with the control shown as busy; a second press meanwhile does nothing. */
async function whileBusy(control, job) {
  if (control.getAttribute("aria-busy") === "true") return;
  control.setAttribute("aria-busy", "true");
  try {
    await job();
  } finally {
    control.removeAttribute("aria-busy");
  }
}

function button(element, place, attributes) {
  const isLink = /^https?:/i.test(element.url ?? "");
  const look = element.style ? ` button-${element.style}` : "";
  const face = textNodes(element.text);
  const props = { ...attributes, class: `button${look}` };
  const node = isLink
    ? el("a", { ...props, href: element.url, target: "_blank", rel: "noopener noreferrer" }, ...face)
    : el("button", { ...props, type: "button" }, ...face);
  const value = {
    type: "button",
    text: element.text,
    ...(element.value !== undefined && { value: element.value }),
  };
  node.addEventListener("click", () => whileBusy(node, () => send(element, place, value)));
  return node;
}

function overflow(element, place, attributes) {
  const items = element.options.map((option) => ({
    label: withEmoji(option.text.text),
    detail: option.description?.text,
    href: option.url,
    testid: `option-${option.value}`,
    choose: () => send(element, place, { type: "overflow", selected_option: option }),
  }));
  return menuButton(
    {
      ...attributes,
      class: "button button-overflow",
      "aria-label": attributes["aria-label"] ?? "More actions",
    },
    "⋯",
    items,
  );
}

/** Text fields: Enter in a one-line field submits the form around it, unless the app asked to hear of Enter. */
function textField(element, place, attributes, kind = {}) {
  const multiline = element.multiline || element.type === "rich_text_input";
  const tag = multiline ? "textarea" : "input";
  const props = {
    ...nameless(attributes, element),
    placeholder: element.placeholder?.text,
    autocomplete: "off",
    ...kind,
  };
  const input = el(tag, multiline ? { rows: 4, ...props } : { type: "text", ...props });
  input.value = textOf(place.surface.form.get(place.blockId, element));
  input.addEventListener("input", () => {
    const value = valueOf(element, input.value);
    place.surface.form.set(place.blockId, element.action_id, value);
    if (place.dispatches && place.dispatchOn.includes("on_character_entered")) send(element, place, value);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || !place.dispatches) return;
    if (!place.dispatchOn.includes("on_enter_pressed")) return;
    event.preventDefault();
    send(element, place, valueOf(element, input.value));
  });
  return element.max_length
    ? el("div", { class: "counted" }, input, counter(input, element.max_length))
    : input;
}

function textOf(value) {
  return (value.type === "rich_text_input" ? richTextWords(value.rich_text_value) : value.value) ?? "";
}

function valueOf({ type }, text) {
  if (type !== "rich_text_input") return { type, value: text || null };
  const section = { type: "rich_text_section", elements: [{ type: "text", text }] };
  return { type, rich_text_value: text ? { type: "rich_text", elements: [section] } : null };
}

function counter(input, most) {
  const node = el("small", { class: "counter", "aria-hidden": "true" });
  const draw = () => {
    const left = most - [...input.value].length;
    node.textContent = left < Math.min(100, most / 2) ? `${left} left` : "";
    node.classList.toggle("over", left < 0);
  };
  input.addEventListener("input", draw);
  draw();
  return node;
}

/** Date and time fields. `toField` and `fromField` translate between Slack's value and the field's text. */
function dateField(inputType, key, toField = (value) => value, fromField = (text) => text) {
  return (element, place, attributes) => {
    const input = el("input", { type: inputType, ...nameless(attributes, element) });
    const now = place.surface.form.get(place.blockId, element)[key];
    input.value = now === null ? "" : toField(now);
    let sent = input.value;
    let timer = null;
    const read = () => ({ type: element.type, [key]: input.value ? fromField(input.value) : null });
    const settle = () => {
      clearTimeout(timer);
      if (!place.dispatches || input.value === sent) return;
      sent = input.value;
      send(element, place, read());
    };
    input.addEventListener("input", () => {
      place.surface.form.set(place.blockId, element.action_id, read());
      clearTimeout(timer);
      timer = setTimeout(settle, SETTLED_AFTER);
    });
    input.addEventListener("blur", settle);
    return input;
  };
}

/** Radio buttons and checkboxes. */
function choices(inputType, key) {
  return (element, place, attributes) => {
    const name = freshId("choice");
    const many = inputType === "checkbox";
    const held = place.surface.form.get(place.blockId, element)[key];
    const values = new Set((many ? held : [held]).filter(Boolean).map(({ value }) => value));
    const boxes = element.options.map((option) =>
      el("input", { type: inputType, name, value: option.value, testid: `choice-${option.value}` }),
    );
    boxes.forEach((box) => {
      box.checked = values.has(box.value);
    });
    const put = change(element, place);
    const read = () => {
      const picked = element.options.filter((_, index) => boxes[index].checked);
      put({ type: element.type, [key]: many ? picked : (picked[0] ?? null) });
    };
    const role = many ? "group" : "radiogroup";
    const labels = element.options.map((option, index) => choiceLabel(option, boxes[index]));
    return el(
      "div",
      { class: "choices", role, on: { change: read }, ...nameless(attributes, element) },
      ...labels,
    );
  };
}

function choiceLabel(option, box) {
  const detail = option.description && el("small", {}, ...textNodes(option.description));
  return el("label", { class: "choice" }, box, el("span", {}, ...textNodes(option.text), detail));
}

function fileField(element, place, attributes) {
  const accept = (element.filetypes ?? []).map((ending) => `.${ending}`).join(",") || null;
  const input = el("input", { type: "file", multiple: (element.max_files ?? 10) > 1, accept, ...attributes });
  input.addEventListener("change", async () => {
    const picked = [...input.files];
    if (picked.some((file) => file.size > MAX_FILE_BYTES)) toast("A file may have at most 10 MB.");
    const files = await Promise.all(picked.filter((file) => file.size <= MAX_FILE_BYTES).map(readFile));
    place.surface.form.set(place.blockId, element.action_id, { type: element.type, files });
    input.dataset.files = String(files.length);
  });
  return input;
}

/** A chosen file as the server takes it: `{name, mimetype, content_base64}`. */
export async function readFile(file) {
  const url = await new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result));
    reader.addEventListener("error", () => reject(reader.error));
    reader.readAsDataURL(file);
  });
  return { name: file.name, mimetype: file.type, content_base64: url.slice(url.indexOf(",") + 1) };
}

function unknown(element) {
  return el("span", { class: "unknown" }, `[${element.type} is not drawn here]`);
}

const BUILDERS = {
  button,
  overflow,
  plain_text_input: textField,
  rich_text_input: textField,
  number_input: (element, place, attributes) =>
    textField(element, place, attributes, { inputmode: element.is_decimal_allowed ? "decimal" : "numeric" }),
  email_text_input: (element, place, attributes) => textField(element, place, attributes, { type: "email" }),
  url_text_input: (element, place, attributes) => textField(element, place, attributes, { type: "url" }),
  datepicker: dateField("date", "selected_date"),
  timepicker: dateField("time", "selected_time"),
  datetimepicker: dateField(
    "datetime-local",
    "selected_date_time",
    (seconds) => unixToLocal(seconds, viewer().tz),
    (local) => localToUnix(local, viewer().tz),
  ),
  radio_buttons: choices("radio", "selected_option"),
  checkboxes: choices("checkbox", "selected_options"),
  file_input: fileField,
};
