// What the page knows: the workspace, what the chosen person sees, and which place of it is on screen.

// `#/person/conversation/thread` is the page's own address; `#conversation/p1757944800000100` is a message's permalink.

import { fetchBootstrap, fetchState, postAct, watch } from "./server.js";
import { toast } from "./toast.js";

/** `place` mirrors the address: conversation may be "home", thread may be "guide" or "faults"; `message` is the ts of a permalink. */
export const world = { boot: null, snapshot: null, place: {} };

const LAST_PERSON = "last-person";

const listeners = [];
let unwatch = () => {};
let refreshing = null;
let refreshAgain = false;

/** Calls `listener(previousSnapshot)` after every change of the snapshot or the place. */
export function onChange(listener) {
  listeners.push(listener);
}

/** Loads the workspace and starts to follow the address and the chosen person's state. */
export async function start() {
  world.boot = await fetchBootstrap();
  window.addEventListener("hashchange", followAddress);
  await followAddress();
}

/** Goes to a place; what is left out stays as it is. */
export function go(place) {
  const { person, conversation, thread } = { ...world.place, ...place };
  const parts = [person, conversation, thread].map((part) => encodeURIComponent(part ?? ""));
  location.hash = `#/${parts.join("/").replace(/\/+$/, "")}`;
}

/** Becomes another person, in the same conversation where both see it. */
export function become(person) {
  go({ person, thread: null });
}

/** Draws everything anew that changed. */
export function redraw() {
  if (world.snapshot) listeners.forEach((listener) => listener(world.snapshot));
}

/** Does something as the viewer, shows its outcome and says what went wrong; answers what the server answered. */
export async function act(body) {
  const answer = await attempt(body);
  if (!answer.ok) toast(answer.error);
  return answer;
}

/** As `act`, but leaves it to the caller to say that the server refused. */
export async function attempt(body) {
  try {
    const answer = await postAct({ as: world.place.person, ...body });
    await refresh();
    const { notice } = world.snapshot;
    if (notice) toast(notice.text, notice.level);
    return answer;
  } catch (problem) {
    return { ok: false, error: `The sandbox could not be reached. ${problem.message}` };
  }
}

/** Fetches the viewer's state anew. Calls during a fetch share one more fetch, so that none of them ends with old state. */
function refresh() {
  if (refreshing) {
    refreshAgain = true;
    return refreshing;
  }
  refreshing = fetchUntilCurrent().finally(() => {
    refreshing = null;
  });
  return refreshing;
}

async function fetchUntilCurrent() {
  do {
    refreshAgain = false;
    const person = world.place.person;
    const snapshot = await fetchState(person);
    if (person !== world.place.person) refreshAgain = true;
    else replaceSnapshot(snapshot);
  } while (refreshAgain);
}

function replaceSnapshot(snapshot) {
  const previous = world.snapshot;
  world.snapshot = snapshot;
  listeners.forEach((listener) => listener(previous));
}

async function followAddress() {
  const before = world.place.person;
  world.place = placeOf(location.hash);
  const { person } = world.place;
  if (person === before) {
    redraw();
    return;
  }
  sessionStorage.setItem(LAST_PERSON, person);
  world.snapshot = null;
  unwatch();
  unwatch = watch(person, () => refresh().catch((problem) => toast(problem.message)));
  await refresh();
}

function placeOf(hash) {
  const permalink = hash.match(/^#(\w+)\/p(\d+)(\d{6})$/);
  if (permalink) {
    const [, conversation, seconds, count] = permalink;
    return { person: defaultPerson(), conversation, thread: null, message: `${seconds}.${count}` };
  }
  const [person, conversation, thread] = hash.replace(/^#\//, "").split("/").map(decodeURIComponent);
  const known = world.boot.people.some(({ id }) => id === person);
  return {
    person: known ? person : defaultPerson(),
    conversation: conversation || null,
    thread: thread || null,
    message: null,
  };
}

function defaultPerson() {
  const { people, guide } = world.boot;
  const ids = [sessionStorage.getItem(LAST_PERSON), guide[0]?.person, people[0].id];
  return ids.find((id) => people.some((person) => person.id === id));
}

/** The person with this id, or undefined. The app's bot user counts as a person called like the app. */
export function findPerson(id) {
  const { app, people } = world.boot;
  if (id === app.bot_user)
    return { id, name: app.name, title: "App", color: null, initials: app.name.slice(0, 1) };
  return people.find((person) => person.id === id);
}

/** The person whose eyes the page looks through. */
export function viewer() {
  return findPerson(world.place.person);
}

/** The conversation with this id, or undefined. */
export function findConversation(id) {
  return world.snapshot.conversations.find((conversation) => conversation.id === id);
}

/** The viewer's direct messages with the app, or undefined while there are none. */
export function appConversation() {
  return world.snapshot.conversations.find((conversation) => conversation.kind === "im" && conversation.app);
}

/** What the main pane shows: a conversation id or "home"; without a choice the app's messages, else a channel. */
export function currentConversation() {
  const chosen = world.place.conversation;
  if (chosen === "home" || (chosen && findConversation(chosen))) return chosen;
  const open = world.snapshot.conversations.find((conversation) => conversation.member);
  return (appConversation() ?? open)?.id ?? "home";
}

/** The business instant the viewer's clock shows, as an ISO string. */
export function businessNow() {
  return world.snapshot.clock.now;
}
