// Slack's text objects.

import { withEmoji } from "./emoji.js";
import { mrkdwn } from "./mrkdwn.js";

/** Nodes of a `plain_text` or `mrkdwn` object; plain text is never parsed beyond its emoji codes. */
export function textNodes(text) {
  if (text.type === "mrkdwn") return mrkdwn(text.text, { linkify: !text.verbatim, names: !text.verbatim });
  return [document.createTextNode(text.emoji === false ? text.text : withEmoji(text.text))];
}
