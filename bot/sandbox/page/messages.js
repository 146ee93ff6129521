// One message, and the list of a conversation or a thread.

import { avatar } from "./avatar.js";
import { foldedIfLong } from "./blocks.js";
import { dayHeading, dayOf, shortDay, timeOf } from "./dates.js";
import { el, reconcile } from "./dom.js";
import { menuButton } from "./menu.js";
import { mrkdwn } from "./mrkdwn.js";
import { act, businessNow, findPerson, go, viewer, world } from "./state.js";
import { messageSurface, showBlocks } from "./surface.js";

const NEAR_THE_END = 80; // pixels
const surfaces = new Map(); // "person conversation ts" → surface, so that picks in menus outlive a redraw

function surfaceOf(conversation, ts) {
  const key = `${viewer().id} ${conversation} ${ts}`;
  if (!surfaces.has(key)) surfaces.set(key, messageSurface(conversation, ts));
  return surfaces.get(key);
}

/** An empty, scrolling list. It follows the newest message until the reader scrolls away from the end. */
export function messageList(label, testid) {
  const content = el("div");
  const list = el(
    "div",
    { class: "messages", tabindex: "0", role: "region", "aria-label": label, testid },
    content,
  );
  let isAtEnd = true;
  list.addEventListener("scroll", () => {
    isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_THE_END;
  });
  // Sizes change with new messages, but also when an image arrives or the pane comes into view.
  const sizes = new ResizeObserver(() => {
    if (isAtEnd) list.scrollTop = list.scrollHeight;
  });
  sizes.observe(list);
  sizes.observe(content);
  return list;
}

/** Shows messages in a list with a line where a new day begins. `inThread` leaves out the links to the threads. */
export function showMessages(list, conversation, messages, { inThread = false } = {}) {
  const tz = viewer().tz;
  const items = [];
  let day = null;
  for (const message of messages) {
    if (dayOf(message.at, tz) !== day) items.push(dayLine(message.at, tz));
    day = dayOf(message.at, tz);
    // The viewer is part of the signature: times and mentions are drawn for their eyes.
    const signature = JSON.stringify([message, viewer().id, inThread]);
    items.push({ key: message.ts, signature, build: () => messageNode(conversation, message, inThread) });
  }
  reconcile(list.firstElementChild, items);
}

function dayLine(at, tz) {
  const heading = dayHeading(at, tz, businessNow());
  return {
    key: `day ${dayOf(at, tz)}`,
    signature: heading,
    build: () => el("div", { class: "day-line", role: "separator" }, el("span", {}, heading)),
  };
}

function messageNode(conversation, message, inThread) {
  const author = findPerson(message.user) ?? { name: message.author, initials: message.author.slice(0, 1) };
  return el(
    "article",
    {
      class: `message${message.ephemeral ? " ephemeral" : ""}`,
      testid: `message-${message.ts}`,
      "aria-label": `Message from ${message.author}`,
    },
    avatar(author, message.bot),
    el(
      "div",
      { class: "message-body" },
      message.ephemeral && el("p", { class: "message-note" }, "👁 Only visible to you"),
      message.broadcast && inThread && el("p", { class: "message-note" }, "Also sent to the channel"),
      message.broadcast && !inThread && el("p", { class: "message-note" }, "Replied in a thread"),
      messageHead(message, author, conversation),
      messageContent(message, conversation),
      ...message.files.map(fileCard),
      !inThread && threadLink(message),
    ),
  );
}

function messageHead(message, author, conversation) {
  const tz = viewer().tz;
  return el(
    "div",
    { class: "message-head" },
    el("strong", {}, message.author),
    message.bot && el("span", { class: "badge" }, "App"),
    author.deleted && el("span", { class: "badge" }, "Deactivated"),
    el(
      "time",
      { datetime: message.at, title: `${shortDay(message.at, tz)}, ${timeOf(message.at, tz)} (${tz})` },
      timeOf(message.at, tz),
    ),
    !message.ephemeral && messageActions(message, conversation),
  );
}

function messageActions(message, conversation) {
  const shortcuts = world.boot.app.shortcuts.filter(({ type }) => type === "message");
  const items = shortcuts.map(({ callback_id: callback, name, description }) => ({
    label: name,
    detail: description,
    testid: `shortcut-${callback}`,
    choose: () => act({ do: "shortcut", callback_id: callback, conversation, ts: message.ts }),
  }));
  const reply = () => go({ conversation, thread: message.thread_ts ?? message.ts });
  items.unshift({ label: "Reply in thread", testid: "reply-in-thread", choose: reply });
  return menuButton(
    {
      class: "icon-button message-actions",
      "aria-label": "Message actions",
      testid: `actions-${message.ts}`,
    },
    "⋯",
    items,
  );
}

function messageContent(message, conversation) {
  if (!message.blocks?.length) return plainContent(message);
  const content = el("div", { class: "blocks" });
  showBlocks(content, message.blocks, surfaceOf(conversation, message.ts));
  return content;
}

function plainContent({ text, edited }) {
  const words = el(
    "div",
    { class: "section-text" },
    ...mrkdwn(text, { linkify: true }),
    edited && el("small", {}, " (edited)"),
  );
  return foldedIfLong(words, text);
}

function fileCard(file) {
  const isImage = file.mimetype.startsWith("image/");
  const name = file.title || file.name;
  return el(
    "div",
    { class: "file", testid: `file-${file.id}` },
    isImage &&
      el("img", { class: "block-picture", src: file.url, alt: file.alt_txt || name, loading: "lazy" }),
    el(
      "a",
      { class: "file-link", href: file.url, download: file.name },
      el("span", { "aria-hidden": "true" }, isImage ? "🖼️" : "📄"),
      el(
        "span",
        {},
        el("strong", {}, name),
        el("small", {}, `${file.name} · ${fileSize(file.size)} · Download`),
      ),
    ),
  );
}

function fileSize(bytes) {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < 1024 * 1024 ? `${Math.round(bytes / 1024)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

function threadLink({ ts, reply_count: count }) {
  if (!count) return null;
  const label = count === 1 ? "1 reply" : `${count} replies`;
  return el(
    "button",
    {
      type: "button",
      class: "link-button thread-link",
      testid: `thread-${ts}`,
      on: { click: () => go({ thread: ts }) },
    },
    `💬 ${label}`,
  );
}
