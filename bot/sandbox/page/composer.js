// Where a person writes: plain messages, slash commands, files, and the app's global shortcuts.

import { Suggestions } from "./combo.js";
import { el } from "./dom.js";
import { readFile } from "./elements.js";
import { menuButton } from "./menu.js";
import { act, findConversation, findPerson, world } from "./state.js";
import { toast } from "./toast.js";

/** The composer of a conversation, or of the thread that starts at `threadTs`. */
export function composer(conversation, threadTs) {
  const input = el("textarea", {
    rows: 1,
    class: "composer-input",
    placeholder: threadTs ? "Reply …" : `Message ${findConversation(conversation).name}, or / for commands`,
    "aria-label": threadTs ? "Reply in the thread" : "Message",
    testid: threadTs ? "thread-composer" : "composer",
  });
  const send = () => submit(input, conversation, threadTs);
  const choose = ({ full }, key) => {
    // Enter on a command that is already typed in full means: send it.
    const isWhole = key === "Enter" && input.value === full.trim();
    complete(input, full);
    if (isWhole) send();
  };
  new Suggestions(input, { find: (text) => findWords(text, threadTs), choose, opens: "typing" });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.defaultPrevented) return;
    event.preventDefault();
    send();
  });
  const tools = threadTs ? [] : [shortcutMenu(conversation), fileButton(conversation)];
  return el(
    "div",
    { class: "composer" },
    input,
    el(
      "div",
      { class: "composer-tools" },
      ...tools,
      el(
        "button",
        {
          type: "button",
          class: "button button-primary",
          testid: threadTs ? "thread-send" : "send",
          on: { click: send },
        },
        "Send",
      ),
    ),
  );
}

/** The app's commands that begin with what is typed, or the people whose name follows an @ at its end. */
function findWords(text, threadTs) {
  if (/^\/\S*$/.test(text) && !threadTs) return [{ options: commandsFor(text) }];
  const [, before, name] = text.match(/^(.*(?:^|\s))@([^@\n]{1,40})$/s) ?? [];
  return name ? [{ options: peopleFor(before, name.toLowerCase()) }] : [];
}

function commandsFor(text) {
  const matching = world.boot.app.commands.filter(({ command }) => command.startsWith(text));
  return matching.map(({ command, description, usage_hint: hint }) => ({
    full: `${command} `,
    label: [command, hint].filter(Boolean).join(" "),
    detail: description,
    testid: `command-${command.slice(1)}`,
  }));
}

function peopleFor(before, name) {
  const matching = mentionable().filter((person) => person.name.toLowerCase().startsWith(name));
  return matching.map((person) => ({
    full: `${before}@${person.name} `,
    label: `@${person.name}`,
    detail: person.title,
  }));
}

function mentionable() {
  const { people, app } = world.boot;
  return [...people, findPerson(app.bot_user)];
}

function complete(input, full) {
  input.value = full;
  input.focus();
}

/** What Slack's own clients make of typed words: the three characters escaped, and known names as mentions. */
function asSent(text) {
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const longestFirst = mentionable().sort((a, b) => b.name.length - a.name.length);
  return longestFirst.reduce((words, { id, name }) => words.replaceAll(`@${name}`, `<@${id}>`), escaped);
}

async function submit(input, conversation, threadTs) {
  const text = input.value.trim();
  if (!text) return;
  const isCommand = /^\/[a-z]/i.test(text);
  if (isCommand && threadTs) {
    toast("Slash commands do not work in threads. Type it in the conversation itself.");
    return;
  }
  input.value = "";
  const body = isCommand
    ? { do: "command", conversation, text }
    : { do: "say", conversation, text: asSent(text), thread_ts: threadTs };
  const { ok } = await act(body);
  // A refused message is given back, unless the person is already writing the next one.
  if (!ok && !input.value) input.value = text;
  const list = input.closest(".pane").querySelector(".messages");
  list.scrollTop = list.scrollHeight;
}

function shortcutMenu(conversation) {
  const shortcuts = world.boot.app.shortcuts.filter(({ type }) => type === "global");
  if (!shortcuts.length) return null;
  const items = shortcuts.map(({ callback_id: callback, name, description }) => ({
    label: name,
    detail: description,
    testid: `shortcut-${callback}`,
    choose: () => act({ do: "shortcut", callback_id: callback, conversation }),
  }));
  return menuButton({ class: "icon-button", "aria-label": "Shortcuts", testid: "shortcuts" }, "⚡", items);
}

function fileButton(conversation) {
  const chooser = el("input", { type: "file", hidden: true, testid: "upload" });
  chooser.addEventListener("change", async () => {
    const { name, content_base64: content } = await readFile(chooser.files[0]);
    chooser.value = "";
    await act({ do: "upload", conversation, name, content_base64: content });
  });
  const open = el(
    "button",
    {
      type: "button",
      class: "icon-button",
      "aria-label": "Share a file",
      on: { click: () => chooser.click() },
    },
    "📎",
  );
  return el("span", {}, open, chooser);
}
