// What the elements of a view or a message talk to: the entered values, and the app behind the server.

import { buildBlock, inReadingOrder } from "./blocks.js";
import { reconcile } from "./dom.js";
import { Form } from "./form.js";
import { act } from "./state.js";

/** Shows blocks in `parent`; a block stays the same node, with what is typed in it, until it or its error changes. */
export function showBlocks(parent, blocks, surface, errors = {}) {
  const items = inReadingOrder(blocks).map((block, index) => ({
    key: block.block_id ?? `block-${index}`,
    signature: JSON.stringify([block, errors[block.block_id] ?? null]),
    build: () => buildBlock(block, surface, errors[block.block_id]),
  }));
  reconcile(parent, items);
}

/** The surface of a modal or the home tab. `seed` is what the server holds for it when it first appears. */
export function viewSurface(viewId, seed) {
  const surface = {
    blocks: [],
    form: new Form(seed),
    click: (blockId, action) =>
      act({
        do: "click",
        view: viewId,
        block_id: blockId,
        action,
        values: surface.form.values(surface.blocks),
      }),
    suggest: (blockId, actionId, value) =>
      act({ do: "suggest", view: viewId, block_id: blockId, action_id: actionId, value }),
    /** Takes over the blocks now shown and forgets what was entered in elements that are gone. */
    shows: (blocks) => {
      surface.blocks = blocks;
      surface.form.keepOnly(blocks);
    },
  };
  return surface;
}

/** The surface of one message; it remembers choices made in its menus while the page is open. */
export function messageSurface(conversation, ts) {
  const where = { conversation, ts };
  return {
    form: new Form(),
    click: (blockId, action) => act({ do: "click", ...where, block_id: blockId, action }),
    suggest: (blockId, actionId, value) =>
      act({ do: "suggest", ...where, block_id: blockId, action_id: actionId, value }),
  };
}
