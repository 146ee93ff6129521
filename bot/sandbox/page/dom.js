// Building and refreshing DOM nodes. Data only ever becomes text nodes or attributes: there is no innerHTML anywhere.

let lastId = 0;

/** A fresh element id, for aria references. */
export function freshId(prefix) {
  lastId += 1;
  return `${prefix}-${lastId}`;
}

/**
 * Makes an element. `props`: `class`, `testid`, `on: {event: listener}`; anything else is an attribute
 * (`false`, `null` and `undefined` leave it out, `true` makes it bare). Children may be nodes, strings or nothing.
 */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    } else if (name === "testid") {
      node.dataset.testid = value;
    } else if (value !== false && value !== null && value !== undefined) {
      node.setAttribute(name, value === true ? "" : value);
    }
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const drawn = new WeakMap(); // node → {key, signature} it was built from

/**
 * Brings the children of `parent` in line with `items` (`{key, signature, build}`), in order.
 * A child whose key and signature did not change stays the same node, so what a person is typing, the caret,
 * the focus and open menus survive a refresh; a child built anew takes over the focus of the one it replaces.
 */
export function reconcile(parent, items) {
  const old = new Map([...parent.children].map((node) => [drawn.get(node)?.key, node]));
  const kept = new Set(items.map(({ key }) => key));
  for (const [key, node] of old) if (!kept.has(key)) node.remove();
  let next = parent.firstElementChild;
  for (const { key, signature, build } of items) {
    const before = old.get(key);
    if (before && drawn.get(before).signature === signature) {
      // Moving a node drops its focus, so it is moved only when it is out of place.
      if (before === next) next = next.nextElementSibling;
      else parent.insertBefore(before, next);
      continue;
    }
    const node = build();
    drawn.set(node, { key, signature });
    if (!before) {
      parent.insertBefore(node, next);
    } else {
      if (before === next) next = next.nextElementSibling;
      replaceKeepingFocus(before, node);
      if (node.nextElementSibling !== next) parent.insertBefore(node, next);
    }
  }
}

/** Shows one thing in `parent`, rebuilt only when `data` changed. */
export function show(parent, data, build) {
  reconcile(parent, [{ key: "only", signature: JSON.stringify(data), build }]);
}

function replaceKeepingFocus(before, node) {
  const active = before.contains(document.activeElement) ? document.activeElement : null;
  const caret = active && "selectionStart" in active ? [active.selectionStart, active.selectionEnd] : null;
  before.replaceWith(node);
  if (!active?.dataset.testid) return;
  const twin = [node, ...node.querySelectorAll("[data-testid]")].find(
    (n) => n.dataset.testid === active.dataset.testid,
  );
  twin?.focus({ preventScroll: true });
  if (twin && caret && caret[0] !== null) twin.setSelectionRange(...caret);
}
