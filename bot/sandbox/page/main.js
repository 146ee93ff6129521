// The main pane (a conversation or the app's home tab) and the side pane (a thread, the faults or the guide).

import { composer } from "./composer.js";
import { el, reconcile, show } from "./dom.js";
import { faultsPanel, faultsShow, showFaults } from "./faults.js";
import { guide, guideShows } from "./guide.js";
import { messageList, showMessages } from "./messages.js";
import { act, appConversation, currentConversation, findConversation, go, world } from "./state.js";
import { showBlocks, viewSurface } from "./surface.js";

let homeSurface = { viewId: null };
let readSent = null; // "person conversation ts" last reported as read, so that each is reported once

/** Brings both panes in line with the snapshot and the place. */
export function renderPanes(main, side) {
  const id = currentConversation();
  if (id === "home") renderHome(main);
  else renderConversation(main, findConversation(id));
  renderSide(side);
}

/** Parts of a pane, kept as long as the pane shows the same thing. */
function pane(parent, key, build) {
  reconcile(parent, [{ key, signature: key, build }]);
  return parent.firstElementChild;
}

function renderConversation(main, conversation) {
  const { id, member } = conversation;
  const node = pane(main, `${world.place.person} ${id} ${member}`, () => conversationPane(conversation));
  show(node.querySelector(".pane-head"), [conversation.name, conversation.topic], () => head(conversation));
  const list = node.querySelector(".messages");
  const shown = conversation.messages.filter(
    ({ ts, thread_ts: thread, broadcast }) => !thread || thread === ts || broadcast,
  );
  showMessages(list, id, shown);
  reveal(list, conversation);
  node.querySelector(".empty").hidden = shown.length > 0;
  reportRead(main, conversation);
}

function conversationPane({ id, member, name }) {
  return el(
    "div",
    { class: "pane", testid: `pane-${id}` },
    el("div", { class: "pane-head" }),
    messageList(`Messages in ${name}`, "messages"),
    el(
      "p",
      { class: "empty" },
      member ? "No messages yet." : "You are not a member of this channel, so you cannot see its messages.",
    ),
    member && composer(id, null),
  );
}

function head({ kind, name, topic, app }) {
  const isApp = kind === "im" && app;
  return el(
    "div",
    { class: "pane-title" },
    backButton(),
    el("div", {}, el("h1", {}, kind === "im" ? name : `# ${name}`), topic && el("p", {}, topic)),
    isApp && appTabs("messages"),
  );
}

/** On a phone the panes are one behind the other; this leads back to the list. */
function backButton() {
  return el(
    "button",
    {
      type: "button",
      class: "icon-button only-narrow",
      "aria-label": "Back to the list",
      testid: "back",
      on: { click: () => go({ conversation: null, thread: null }) },
    },
    "‹",
  );
}

function appTabs(current) {
  const tab = (name, label, place) =>
    el(
      "button",
      {
        type: "button",
        class: "tab",
        "aria-current": current === name ? "page" : null,
        testid: `tab-${name}`,
        on: { click: () => go({ conversation: place, thread: null }) },
      },
      label,
    );
  const messages = appConversation();
  return el(
    "div",
    { class: "tabs" },
    tab("home", "Home", "home"),
    messages && tab("messages", "Messages", messages.id),
  );
}

/** Brings the message of a permalink into view, once; a reply is shown in its thread. */
function reveal(list, { id, messages }) {
  const wanted = messages.find(({ ts }) => ts === world.place.message);
  if (!wanted) return;
  world.place.message = null;
  const isReply = wanted.thread_ts && wanted.thread_ts !== wanted.ts;
  go({ conversation: id, thread: isReply ? wanted.thread_ts : null });
  const node = list.querySelector(`[data-testid="message-${wanted.ts}"]`);
  node?.scrollIntoView({ block: "center" });
  node?.classList.add("revealed");
}

function reportRead(main, { id, unread, messages }) {
  const mark = `${world.place.person} ${id} ${messages.at(-1)?.ts}`;
  if (!unread || mark === readSent || document.hidden || !main.checkVisibility()) return;
  readSent = mark;
  act({ do: "read", conversation: id });
}

function renderHome(main) {
  const node = pane(main, `${world.place.person} home`, homePane);
  const { home } = world.snapshot;
  const body = node.querySelector(".home");
  node.querySelector(".empty").hidden = Boolean(home);
  if (!home) return;
  if (homeSurface.viewId !== home.id)
    homeSurface = { viewId: home.id, ...viewSurface(home.id, home.state?.values) };
  homeSurface.shows(home.blocks);
  showBlocks(body, home.blocks, homeSurface);
}

function homePane() {
  act({ do: "home" });
  return el(
    "div",
    { class: "pane" },
    el(
      "div",
      { class: "pane-head" },
      el(
        "div",
        { class: "pane-title" },
        backButton(),
        el("div", {}, el("h1", {}, world.boot.app.name)),
        appTabs("home"),
      ),
    ),
    el("p", { class: "empty" }, "The app shows nothing here yet."),
    el("div", {
      class: "home blocks",
      testid: "home",
      tabindex: "0",
      role: "region",
      "aria-label": `Home of ${world.boot.app.name}`,
    }),
  );
}

function renderSide(side) {
  const { thread, conversation } = world.place;
  const isMessage = thread && !["guide", "faults"].includes(thread);
  const source = isMessage && findConversation(conversation ?? currentConversation());
  const root = source && source.messages.find(({ ts }) => ts === thread);
  const showsGuide = !root && (thread === "guide" || guideShows());
  side.hidden = !root && !showsGuide && !faultsShow();
  if (root) renderThread(side, source, root);
  else if (faultsShow()) showFaults(pane(side, "faults", faultsPanel));
  else if (showsGuide) pane(side, `guide ${world.place.person}`, guide);
  else reconcile(side, []);
}

function renderThread(side, conversation, root) {
  const node = pane(side, `${world.place.person} ${conversation.id} ${root.ts}`, () =>
    threadPane(conversation, root),
  );
  const list = node.querySelector(".messages");
  const replies = conversation.messages.filter(
    ({ thread_ts: thread, ts }) => thread === root.ts && ts !== root.ts,
  );
  showMessages(list, conversation.id, [root, ...replies], { inThread: true });
}

function threadPane(conversation, root) {
  const close = () => go({ thread: null });
  return el(
    "div",
    { class: "pane", testid: "thread" },
    el(
      "div",
      { class: "pane-head" },
      el(
        "div",
        { class: "pane-title" },
        el("div", {}, el("h2", {}, "Thread"), el("p", {}, conversation.name)),
        el(
          "button",
          {
            type: "button",
            class: "icon-button",
            "aria-label": "Close the thread",
            testid: "thread-close",
            on: { click: close },
          },
          "✕",
        ),
      ),
    ),
    messageList("Messages of the thread", "thread-messages"),
    conversation.member && composer(conversation.id, root.ts),
  );
}
