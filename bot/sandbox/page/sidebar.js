// The workspace: who you are, the channels, the direct messages and the app.

import { avatar } from "./avatar.js";
import { Suggestions } from "./combo.js";
import { el, reconcile, show } from "./dom.js";
import { guideShows } from "./guide.js";
import { appConversation, become, currentConversation, findPerson, go, viewer, world } from "./state.js";

/** Brings the sidebar in line with the snapshot. */
export function renderSidebar(sidebar) {
  if (!sidebar.childElementCount) sidebar.append(...frame());
  const [, hint, switcher, list] = sidebar.children;
  hint.hidden = !guideShows();
  show(switcher, viewer(), personSwitcher);
  renderList(list);
}

function frame() {
  return [
    el("h2", { class: "workspace-name" }, world.boot.workspace),
    // Where there is room for one pane only, the guide does not stand beside the list.
    el(
      "button",
      { type: "button", class: "guide-hint", testid: "guide-hint", on: { click: () => go({ thread: "guide" }) } },
      "Start here: what to try",
    ),
    el("div", { class: "switcher" }),
    el("div", { class: "conversations" }),
  ];
}

/** The card of the person one is; it opens a searchable list of everyone. */
function personSwitcher() {
  const person = viewer();
  const input = el("input", {
    type: "text",
    class: "switcher-search",
    placeholder: "Search by name or role",
    "aria-label": "Become another person",
    testid: "person-search",
    hidden: true,
  });
  const card = el(
    "button",
    {
      type: "button",
      class: "switcher-card",
      testid: "person-switcher",
      "aria-label": `You are ${nameAndTitle(person)}. Become another person`,
    },
    avatar(person),
    el(
      "span",
      { class: "switcher-words" },
      el("small", {}, "You are"),
      el("strong", {}, person.name),
      el("small", {}, person.title),
    ),
    el("span", { "aria-hidden": "true" }, "▾"),
  );
  const choose = ({ id }) => {
    card.focus();
    become(id);
  };
  const fold = () => {
    input.hidden = true;
    input.value = "";
  };
  new Suggestions(input, { find: findPeople, choose, opens: "focus", empty: "Nobody of that name" });
  card.addEventListener("click", () => {
    input.hidden = !input.hidden;
    if (!input.hidden) input.focus();
  });
  input.addEventListener("blur", fold);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") card.focus();
  });
  // Without this, pressing the card would first blur the field, and the click would open it again.
  card.addEventListener("mousedown", (event) => !input.hidden && event.preventDefault());
  return el("div", {}, card, input);
}

const nameAndTitle = ({ name, title }) => [name, title].filter(Boolean).join(", ");

function findPeople(text) {
  const wanted = text.trim().toLowerCase();
  const options = world.boot.people
    .filter(({ name, title }) => `${name} ${title}`.toLowerCase().includes(wanted))
    .map((person) => ({
      id: person.id,
      label: person.name,
      detail: [person.title, person.deleted && "deactivated", person.external && "from another organisation"]
        .filter(Boolean)
        .join(" · "),
      lead: avatar(person),
      chosen: person.id === viewer().id,
      testid: `person-${person.id}`,
    }));
  return [{ options }];
}

function renderList(list) {
  const { conversations } = world.snapshot;
  const own = appConversation();
  const app = {
    id: own?.id ?? "home",
    label: world.boot.app.name,
    unread: own?.unread ?? 0,
    mark: "◆",
    note: "App",
  };
  const channels = conversations.filter(({ kind }) => kind === "channel").map(channelEntry);
  const people = conversations
    .filter((conversation) => conversation.kind === "im" && conversation !== own)
    .map(directEntry);
  reconcile(list, [
    ...group("App", [app]),
    ...group("Channels", channels),
    ...group("Direct messages", people),
  ]);
}

function channelEntry({ id, name, unread, member }) {
  return { id, label: name, unread, mark: "#", note: member ? null : "not a member" };
}

function directEntry({ id, name, unread }) {
  return { id, label: name, unread, mark: "@", note: null };
}

function group(title, entries) {
  if (!entries.length) return [];
  const heading = { key: `group ${title}`, signature: title, build: () => el("h3", {}, title) };
  return [heading, ...entries.map(listItem)];
}

function listItem(entry) {
  const current = currentConversation();
  const isCurrent = current === entry.id || (current === "home" && entry.id === appConversation()?.id);
  return {
    key: entry.id,
    signature: JSON.stringify([entry, isCurrent]),
    build: () => entryNode(entry, isCurrent),
  };
}

function entryNode({ id, label, unread, mark, note }, isCurrent) {
  return el(
    "button",
    {
      type: "button",
      class: `entry${unread ? " unread" : ""}`,
      "aria-current": isCurrent ? "true" : null,
      testid: `conversation-${id}`,
      on: { click: () => go({ conversation: id, thread: null }) },
    },
    el("span", { class: "entry-mark", "aria-hidden": "true" }, mark),
    el("span", { class: "entry-name" }, label),
    note && el("small", {}, note),
    unread
      ? el(
          "span",
          { class: "unread-count" },
          String(unread),
          el("span", { class: "visually-hidden" }, " unread"),
        )
      : null,
  );
}

/** How the browser's tab is called: the number of unread messages, the person, the workspace. */
export function pageTitle() {
  const unread = world.snapshot.conversations.reduce((sum, conversation) => sum + conversation.unread, 0);
  return `${unread ? `(${unread}) ` : ""}${findPerson(world.place.person).name} · ${world.boot.workspace}`;
}
