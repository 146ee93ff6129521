// Starts the page and redraws it after every change.
//
// state.js holds what the viewer sees; each part below draws itself from it: clock, sidebar, main (panes), modal.
// surface.js joins a view's or message's blocks (blocks, elements, picker, form) to the server;
// dom.js keeps unchanged nodes, which is why nothing a person is typing gets lost on a redraw.

import { renderClock } from "./clock.js";
import { el } from "./dom.js";
import { renderPanes } from "./main.js";
import { renderModals } from "./modal.js";
import { pageTitle, renderSidebar } from "./sidebar.js";
import { onChange, start, world } from "./state.js";
import { toast } from "./toast.js";

const part = (id) => document.getElementById(id);

function render(previous) {
  document.body.dataset.pane = visiblePane();
  document.title = pageTitle();
  renderClock(part("clock"));
  renderSidebar(part("sidebar"));
  renderPanes(part("main"), part("side"));
  renderModals();
  announce(previous);
}

/** Where there is room for one pane only, this is the one. */
function visiblePane() {
  const { conversation, thread } = world.place;
  if (thread) return "side";
  return conversation ? "main" : "list";
}

/** Tells screen readers of messages that came since the last state. */
function announce(previous) {
  if (!previous || previous === world.snapshot) return;
  const known = new Set(
    previous.conversations.flatMap(({ id, messages }) => messages.map(({ ts }) => `${id} ${ts}`)),
  );
  for (const { id, name, messages } of world.snapshot.conversations) {
    for (const { ts, user, author, text } of messages) {
      if (known.has(`${id} ${ts}`) || user === world.place.person) continue;
      part("announcer").append(el("p", {}, `New message from ${author} in ${name}: ${text.slice(0, 200)}`));
    }
  }
}

part("skip").addEventListener("click", () => part("main").focus());
onChange(render);
start().catch((problem) => toast(`The page could not start: ${problem.message}`));
