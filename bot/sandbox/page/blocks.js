// Block Kit blocks as DOM nodes.

import { el, freshId } from "./dom.js";
import { buildElement } from "./elements.js";
import { markdown } from "./markdown.js";
import { link } from "./mrkdwn.js";
import { richText } from "./richtext.js";
import { table } from "./table.js";
import { textNodes } from "./text.js";

const LONG_TEXT = 700; // characters after which Slack folds a section behind "See more"
const ENTER = ["on_enter_pressed"];

/** One block. `surface` is what its elements talk to (see elements.js); `error` is the sentence beside an input, if any. */
export function buildBlock(block, surface, error = null) {
  const build = Object.hasOwn(BUILDERS, block.type) ? BUILDERS[block.type] : unknown;
  const node = build(block, surface, error);
  node.classList.add("block", `block-${block.type.replaceAll("_", "-")}`);
  node.dataset.testid ??= `block-${block.block_id}`;
  return node;
}

/** Tables last: Slack draws a message's table under its other blocks. */
export function inReadingOrder(blocks) {
  return [...blocks.filter(({ type }) => type !== "table"), ...blocks.filter(({ type }) => type === "table")];
}

function section(block, surface) {
  const words = block.text && el("div", { class: "section-text" }, ...textNodes(block.text));
  const shown = words && (block.expand ? words : foldedIfLong(words, block.text.text));
  const fields =
    block.fields &&
    el(
      "div",
      { class: "section-fields" },
      ...block.fields.map((field) => el("div", {}, ...textNodes(field))),
    );
  const body = el("div", { class: "section-body" }, shown, fields);
  return el("div", {}, body, block.accessory && accessory(block, surface));
}

function accessory(block, surface) {
  if (block.accessory.type === "image") return picture(block.accessory, "accessory-image");
  return el("div", { class: "section-accessory" }, buildElement(block.accessory, acting(block, surface)));
}

/** The drawn `words` of a text, behind "See more" where the text is long. */
export function foldedIfLong(words, text) {
  if (text.length <= LONG_TEXT) return words;
  words.classList.add("folded");
  const more = el(
    "button",
    { type: "button", class: "link-button", "aria-expanded": "false", testid: "see-more" },
    "See more",
  );
  more.addEventListener("click", () => {
    const isFolded = words.classList.toggle("folded");
    more.textContent = isFolded ? "See more" : "See less";
    more.setAttribute("aria-expanded", String(!isFolded));
  });
  return el("div", {}, words, more);
}

/** Elements of section and actions blocks tell the app of every change. */
function acting(block, surface) {
  return { surface, blockId: block.block_id, dispatches: true, dispatchOn: ENTER };
}

function actions(block, surface) {
  return el("div", {}, ...block.elements.map((element) => buildElement(element, acting(block, surface))));
}

function context(block) {
  const parts = block.elements.map((part) =>
    part.type === "image" ? picture(part, "context-image") : el("span", {}, ...textNodes(part)),
  );
  return el("div", {}, ...parts);
}

function picture(image, look) {
  return el("img", {
    class: look,
    src: sourceOf(image),
    alt: image.alt_text,
    loading: "lazy",
    referrerpolicy: "no-referrer",
  });
}

function sourceOf({ image_url: url, slack_file: file }) {
  const id = file?.id ?? file?.url?.match(/F[A-Z0-9]{8,}/)?.[0];
  return id ? `/ui/files/${id}` : url;
}

function image(block) {
  const caption = block.title && el("figcaption", {}, ...textNodes(block.title));
  return el("figure", {}, caption, picture(block, "block-picture"));
}

/** A labelled field with its hint and its error; the control carries `field-<block_id>`. */
function input(block, surface, error) {
  const { element, label, hint, optional } = block;
  const ids = {
    control: freshId("field"),
    label: freshId("label"),
    hint: freshId("hint"),
    error: freshId("error"),
  };
  const attributes = {
    id: ids.control,
    testid: `field-${block.block_id}`,
    "aria-labelledby": ids.label,
    "aria-describedby": [error && ids.error, hint && ids.hint].filter(Boolean).join(" ") || null,
    "aria-invalid": error ? "true" : null,
    "aria-required": optional ? null : "true",
    "data-focus-on-load": Boolean(element.focus_on_load),
  };
  const dispatchOn = element.dispatch_action_config?.trigger_actions_on ?? ENTER;
  const place = {
    surface,
    blockId: block.block_id,
    dispatches: Boolean(block.dispatch_action),
    dispatchOn,
    attributes,
  };
  const mark = optional && el("span", { class: "optional" }, " (optional)");
  return el(
    "div",
    { class: error ? "has-error" : "" },
    el("label", { for: ids.control, id: ids.label }, ...textNodes(label), mark),
    buildElement(element, place),
    error && el("p", { class: "field-error", id: ids.error, testid: `error-${block.block_id}` }, "⚠ ", error),
    hint && el("p", { class: "field-hint", id: ids.hint }, ...textNodes(hint)),
  );
}

const ALERT_WORDS = { info: "ℹ️ Info", warning: "⚠️ Warning", error: "⛔ Error", success: "✅ Success" };

function alert(block) {
  const word = ALERT_WORDS[block.level];
  return el(
    "div",
    { role: "note", class: `alert-${block.level ?? "default"}` },
    word && el("strong", {}, `${word}: `),
    ...textNodes(block.text),
  );
}

function video(block) {
  return el("div", {}, link(block.title_url ?? block.video_url, `▶ ${block.title.text}`));
}

function unknown(block) {
  return el("div", { class: "unknown" }, `[A ${block.type} block is not drawn here]`);
}

const BUILDERS = {
  section,
  actions,
  context,
  image,
  input,
  alert,
  video,
  table,
  header: (block) => el("h3", {}, ...textNodes(block.text)),
  divider: () => el("hr"),
  markdown: (block) => el("div", {}, ...markdown(block.text)),
  rich_text: (block) => el("div", {}, ...richText(block)),
};
