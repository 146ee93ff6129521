// A person's initials on their colour.

import { el } from "./dom.js";

/** A square with initials; decoration only, the name always stands beside it. */
export function avatar({ initials, color }, isApp = false) {
  const node = el(
    "span",
    { class: `avatar${isApp || !color ? " avatar-app" : ""}`, "aria-hidden": "true" },
    initials,
  );
  if (color && !isApp) {
    const shade = color.startsWith("#") ? color : `#${color}`;
    node.style.background = shade;
    node.style.color = isLight(shade) ? "#1b1f24" : "#ffffff";
  }
  return node;
}

function isLight(shade) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(shade.slice(at, at + 2), 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue > 150;
}
