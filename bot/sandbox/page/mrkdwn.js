// Slack's mrkdwn as DOM nodes.

import { slackDate } from "./dates.js";
import { el } from "./dom.js";
import { emojiFor } from "./emoji.js";
import { businessNow, findConversation, findPerson, viewer } from "./state.js";

const OPENABLE = /^(https?:|mailto:)/i;
const PINGS = new Set(["here", "channel", "everyone"]);

// A style mark opens after a non-word character and closes before one; inside it links and code are taken whole.
// No two of the alternatives can match at the same place: else a long unclosed text would take forever to reject.
const styled = (mark) => {
  const whole = "<[^<>\\n]*>|`[^`\\n]*`|<(?![^<>\\n]*>)|`(?![^`\\n]*`)";
  const part = `${whole}|[${mark}](?=[\\p{L}\\p{N}])|[^${mark}<\`\\n]`;
  return new RegExp(`[${mark}](?!\\s)((?:${part})+?)(?<!\\s)[${mark}](?![\\p{L}\\p{N}${mark}])`, "uy");
};

const PATTERNS = [
  { pattern: /`([^`\n]+)`/y, node: (body) => el("code", {}, decode(body)) },
  { pattern: /<([^<>\n]+)>/y, node: (body) => angle(body) },
  { pattern: styled("*"), style: true, node: (body, options) => el("strong", {}, ...inline(body, options)) },
  { pattern: styled("_"), style: true, node: (body, options) => el("em", {}, ...inline(body, options)) },
  { pattern: styled("~"), style: true, node: (body, options) => el("s", {}, ...inline(body, options)) },
  { pattern: /:([a-z0-9_+-]+):/y, node: (code) => emojiFor(code) && emoji(code) },
  {
    pattern: /(https?:\/\/[^\s<>|]*[^\s<>|.,;:!?)'"])/y,
    only: "linkify",
    node: (url) => link(decode(url), decode(url)),
  },
  { pattern: /@(here|channel|everyone)\b/y, only: "names", node: (name) => ping(name) },
];

/** `&lt;` `&gt;` `&amp;` as the characters they stand for; Slack knows no other entity. */
export function decode(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/**
 * Nodes of a mrkdwn text. `linkify` links bare addresses (Slack does so unless `verbatim`); `names` also lets a bare
 * `@channel` ping, as Slack does in text objects that are not `verbatim`.
 */
export function mrkdwn(text, options = {}) {
  const pieces = text.split(/\n?```([\s\S]+?)```\n?/); // every second piece is the inside of a fence
  return pieces.flatMap((piece, index) => (index % 2 ? pre(piece) : quotedLines(piece, options)));
}

function pre(body) {
  return el("pre", {}, decode(body.replace(/^\n/, "").replace(/\n$/, "")));
}

/** Consecutive lines that start with `>` become one quote; `>>>` quotes all that follows. */
function quotedLines(text, options) {
  if (!text) return [];
  const nodes = [];
  const lines = text.split("\n");
  let plain = [];
  const flushPlain = () => {
    if (plain.length) nodes.push(...inline(plain.join("\n"), options));
    plain = [];
  };
  while (lines.length) {
    const quote = takeQuote(lines);
    if (!quote) {
      plain.push(lines.shift());
      continue;
    }
    flushPlain();
    nodes.push(el("blockquote", {}, ...inline(quote.join("\n"), options)));
  }
  flushPlain();
  return nodes;
}

function takeQuote(lines) {
  const rest = /^(?:>|&gt;){3}\s?/;
  if (rest.test(lines[0]))
    return lines.splice(0).map((line, index) => (index ? line : line.replace(rest, "")));
  const one = /^(?:>|&gt;) ?/;
  const end = lines.findIndex((line) => !one.test(line));
  const count = end === -1 ? lines.length : end;
  return count ? lines.splice(0, count).map((line) => line.replace(one, "")) : null;
}

function inline(text, options) {
  const nodes = [];
  let plain = "";
  let at = 0;
  while (at < text.length) {
    const found = match(text, at, options);
    if (!found) {
      plain += text[at];
      at += 1;
      continue;
    }
    if (plain) nodes.push(decode(plain));
    plain = "";
    nodes.push(found.node);
    at = found.end;
  }
  if (plain) nodes.push(decode(plain));
  return nodes;
}

function match(text, at, options) {
  for (const { pattern, style, only, node } of PATTERNS) {
    if (only && !options[only]) continue;
    if (style && at > 0 && /[\p{L}\p{N}]/u.test(text[at - 1])) continue;
    pattern.lastIndex = at;
    const hit = pattern.exec(text);
    const made = hit && node(hit[1], options);
    if (made) return { node: made, end: at + hit[0].length };
  }
  return null;
}

function angle(body) {
  const [target, ...labels] = body.split("|");
  const label = labels.length ? decode(labels.join("|")) : null;
  if (/^@[UW]/.test(target)) return mention(target.slice(1));
  if (/^#[CG]/.test(target)) return channel(target.slice(1), label);
  if (target.startsWith("!")) return special(target.slice(1), label);
  return link(decode(target), label ?? decode(target));
}

function special(command, label) {
  const [name, ...rest] = command.split("^");
  if (PINGS.has(name)) return ping(name);
  if (name === "subteam") return ping(label?.replace(/^@/, "") ?? "group");
  if (name === "date") return dateNode(rest, label);
  return document.createTextNode(`<!${command}>`);
}

function dateNode([seconds, tokens, url], fallback) {
  if (!/^-?\d+$/.test(seconds ?? "") || !tokens) return document.createTextNode(fallback ?? "");
  const text = slackDate(Number(seconds), tokens, viewer().tz, businessNow());
  return url ? link(decode(url), text) : el("time", { title: fallback }, text);
}

/** A link that opens elsewhere; an address that is not web or mail is shown as text, so that it cannot run script. */
export function link(url, label) {
  if (!OPENABLE.test(url)) return document.createTextNode(label === url ? `<${url}>` : label);
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, label);
}

/** A person's name, marked when it is the viewer's own. */
export function mention(id) {
  const person = findPerson(id);
  const own = id === viewer().id ? " mention-own" : "";
  return el("span", { class: `mention${own}`, "data-mention": id }, `@${person?.name ?? "unknown person"}`);
}

/** A channel's name; one the viewer cannot see stays unnamed, as in Slack. */
export function channel(id, label) {
  const name = findConversation(id)?.name ?? label ?? "private channel";
  return el("span", { class: "mention" }, `#${name.replace(/^#/, "")}`);
}

/** A loud mark for what notifies many people at once. */
export function ping(name) {
  return el("mark", { class: "ping", "data-ping": name, title: "Notifies many people" }, `📢 @${name}`);
}

/** An emoji with its name for screen readers. */
export function emoji(code) {
  return el(
    "span",
    { role: "img", "aria-label": code.replaceAll("_", " "), title: `:${code}:` },
    emojiFor(code) ?? `:${code}:`,
  );
}
