// The markdown block: the everyday part of standard Markdown.

import { el } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { decode, link } from "./mrkdwn.js";

const LINE = {
  fence: /^```/,
  heading: /^(#{1,6})\s+(.*?)\s*#*$/,
  rule: /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/,
  quote: /^\s{0,3}(?:>|&gt;)\s?/,
  item: /^(\s*)([-*+]|\d+[.)])\s+(.*)$/,
  row: /^\s*\|.*\|\s*$/,
};

const INLINE = [
  { pattern: /`([^`]+)`/y, node: ([, code]) => el("code", {}, decode(code)) },
  { pattern: /!\[([^\]]*)\]\(([^)\s]+)[^)]*\)/y, node: ([, alt, url]) => link(url, alt || url) },
  { pattern: /\[([^\]]+)\]\(([^)\s]+)[^)]*\)/y, node: ([, label, url]) => link(url, decode(label)) },
  { pattern: /<(https?:[^>\s]+)>/y, node: ([, url]) => link(url, url) },
  { pattern: /(https?:\/\/[^\s<>)]*[^\s<>).,;:!?])/y, node: ([, url]) => link(url, url) },
  { pattern: /(\*\*|__)(?=\S)(.+?)(?<=\S)\1/y, node: ([, , body]) => el("strong", {}, ...inline(body)) },
  { pattern: /~~(?=\S)(.+?)(?<=\S)~~/y, node: ([, body]) => el("s", {}, ...inline(body)) },
  { pattern: /([*_])(?=\S)(.+?)(?<=\S)\1(?!\w)/y, node: ([, , body]) => el("em", {}, ...inline(body)) },
  { pattern: /\\([\\`*_{}[\]()#+\-.!|~>])/y, node: ([, char]) => char },
];

function inline(text) {
  const nodes = [];
  let plain = "";
  let at = 0;
  while (at < text.length) {
    const found = inlineAt(text, at);
    if (found) {
      nodes.push(withEmoji(decode(plain)), found.node);
      plain = "";
    } else {
      plain += text[at];
    }
    at = found?.end ?? at + 1;
  }
  return [...nodes, withEmoji(decode(plain))];
}

function inlineAt(text, at) {
  for (const { pattern, node } of INLINE) {
    pattern.lastIndex = at;
    const hit = pattern.exec(text);
    if (hit) return { node: node(hit), end: at + hit[0].length };
  }
  return null;
}

/** Nodes of a Markdown text. */
export function markdown(text) {
  const lines = text.split("\n");
  const nodes = [];
  while (lines.length) {
    if (lines[0].trim()) nodes.push(takePart(lines));
    else lines.shift();
  }
  return nodes;
}

function takePart(lines) {
  const line = lines[0];
  if (LINE.fence.test(line)) return takeFence(lines);
  if (LINE.heading.test(line)) return heading(lines.shift());
  if (LINE.quote.test(line)) return takeQuote(lines);
  if (LINE.item.test(line)) return takeList(lines);
  if (LINE.row.test(line)) return takeTable(lines);
  if (!LINE.rule.test(line)) return el("p", {}, ...inline(takeParagraph(lines).join("\n")));
  lines.shift();
  return el("hr");
}

function heading(line) {
  const [, marks, words] = line.match(LINE.heading);
  return el(`h${Math.min(marks.length + 2, 6)}`, {}, ...inline(words));
}

function takeQuote(lines) {
  const quoted = takeWhile(lines, LINE.quote).map((line) => line.replace(LINE.quote, ""));
  return el("blockquote", {}, ...markdown(quoted.join("\n")));
}

function takeWhile(lines, pattern) {
  const end = lines.findIndex((line) => !pattern.test(line));
  return lines.splice(0, end === -1 ? lines.length : end);
}

function takeParagraph(lines) {
  const starts = [LINE.fence, LINE.heading, LINE.rule, LINE.quote, LINE.item, LINE.row, /^\s*$/];
  const end = lines.findIndex((line, index) => index > 0 && starts.some((pattern) => pattern.test(line)));
  return lines.splice(0, end === -1 ? lines.length : end);
}

function takeFence(lines) {
  lines.shift();
  const end = lines.findIndex((line) => LINE.fence.test(line));
  const body = lines.splice(0, end === -1 ? lines.length : end);
  lines.shift();
  return el("pre", {}, decode(body.join("\n")));
}

/** A list; lines indented deeper than its first item belong to the item above them. */
function takeList(lines) {
  const [, indent, mark] = lines[0].match(LINE.item);
  const list = el(/\d/.test(mark) ? "ol" : "ul", /\d/.test(mark) ? { start: parseInt(mark, 10) } : {});
  while (lines.length && LINE.item.test(lines[0]) && lines[0].match(LINE.item)[1].length === indent.length) {
    const words = lines.shift().match(LINE.item)[3];
    const end = lines.findIndex((line) => !line.startsWith(`${indent} `) || !line.trim());
    const inner = lines.splice(0, end === -1 ? lines.length : end);
    list.append(el("li", {}, ...inline(words), ...markdown(inner.join("\n"))));
  }
  return list;
}

function takeTable(lines) {
  const cells = (line) =>
    line
      .trim()
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim());
  const rows = takeWhile(lines, LINE.row)
    .filter((line) => !/^[\s|:-]+$/.test(line))
    .map(cells);
  const row = (values, index) =>
    el("tr", {}, ...values.map((value) => el(index ? "td" : "th", {}, ...inline(value))));
  return el("div", { class: "table-scroll" }, el("table", {}, ...rows.map(row)));
}
