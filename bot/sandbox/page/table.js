// The table block.

import { el } from "./dom.js";
import { richText } from "./richtext.js";

const CELLS = {
  raw_text: ({ text }) => [text],
  raw_number: ({ text, value }) => [text ?? String(value)],
  rich_text: (cell) => richText(cell),
};

/** The first row heads the columns; `column_settings` align a column and say whether its cells wrap. */
export function table(block) {
  const settings = block.column_settings ?? [];
  const [head, ...body] = block.rows.map((cells, row) =>
    el("tr", {}, ...cells.map((cell, column) => cellNode(cell, row, settings[column]))),
  );
  return el(
    "div",
    { class: "table-scroll", tabindex: "0", role: "region", "aria-label": "Table" },
    el("table", {}, el("thead", {}, head), el("tbody", {}, ...body)),
  );
}

function cellNode(cell, row, setting) {
  const look = [`align-${setting?.align ?? "left"}`, setting?.is_wrapped ? "wrapped" : "one-line"].join(" ");
  return el(
    row ? "td" : "th",
    { class: look, scope: row ? null : "col" },
    ...(CELLS[cell.type]?.(cell) ?? [cell.type]),
  );
}
