// The rich_text block.

import { el } from "./dom.js";
import { slackDate } from "./dates.js";
import { channel, emoji, link, mention, ping } from "./mrkdwn.js";
import { businessNow, viewer } from "./state.js";

const STYLES = { bold: "strong", italic: "em", strike: "s", code: "code", underline: "u" };

const INLINE = {
  text: ({ text }) => document.createTextNode(text),
  link: ({ url, text }) => link(url, text ?? url),
  emoji: ({ name }) => emoji(name),
  user: ({ user_id }) => mention(user_id),
  channel: ({ channel_id }) => channel(channel_id, null),
  usergroup: () => ping("group"),
  broadcast: ({ range }) => ping(range),
  color: ({ value }) => document.createTextNode(value),
  date: ({ timestamp, format, fallback }) =>
    document.createTextNode(format ? slackDate(timestamp, format, viewer().tz, businessNow()) : fallback),
};

function inline(element) {
  const make = Object.hasOwn(INLINE, element.type) ? INLINE[element.type] : () => document.createTextNode("");
  return Object.entries(element.style ?? {})
    .filter(([name, on]) => on && STYLES[name])
    .reduce((node, [name]) => el(STYLES[name], {}, node), make(element));
}

const PARTS = {
  rich_text_section: ({ elements }) => el("div", {}, ...elements.map(inline)),
  rich_text_quote: ({ elements }) => el("blockquote", {}, ...elements.map(inline)),
  rich_text_preformatted: ({ elements }) => el("pre", {}, ...elements.map(inline)),
  rich_text_list: ({ elements, style, indent = 0, offset = 0 }) =>
    el(
      style === "ordered" ? "ol" : "ul",
      { class: `indent-${indent}`, start: style === "ordered" ? offset + 1 : null },
      ...elements.map((section) => el("li", {}, ...section.elements.map(inline))),
    ),
};

/** Nodes of a rich_text value (block, table cell or title). */
export function richText({ elements }) {
  return elements.filter(({ type }) => Object.hasOwn(PARTS, type)).map((part) => PARTS[part.type](part));
}

/** The bare words of a rich_text value. */
export function richTextWords(value) {
  const words = (node) =>
    node.text ?? (node.elements ?? []).map(words).join(node.type === "rich_text" ? "\n" : "");
  return words(value ?? { elements: [] });
}
