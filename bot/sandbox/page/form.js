// What a person has entered on one surface (a modal, the home tab, a message), in Slack's shape.

import { STATEFUL } from "./values.js";

/** Every element of some blocks that holds a value, with the id of its block. */
function fieldsOf(blocks) {
  return blocks.flatMap((block) =>
    [block.element, block.accessory, ...(block.type === "actions" ? block.elements : [])]
      .filter((element) => element && Object.hasOwn(STATEFUL, element.type))
      .map((element) => ({ blockId: block.block_id, element })),
  );
}

const keyOf = (blockId, actionId) => JSON.stringify([blockId, actionId]);

/** Entered values by (block_id, action_id): an element that keeps both ids keeps its value, a new id starts afresh. */
export class Form {
  #entered = new Map();

  /** `seed`: `{block_id: {action_id: value}}`, what the server holds when the surface first appears. */
  constructor(seed = {}) {
    for (const [blockId, actions] of Object.entries(seed)) {
      for (const [actionId, value] of Object.entries(actions)) this.set(blockId, actionId, value);
    }
  }

  set(blockId, actionId, value) {
    this.#entered.set(keyOf(blockId, actionId), value);
  }

  /** What was entered, else the element's own initial value. */
  get(blockId, element) {
    const entered = this.#entered.get(keyOf(blockId, element.action_id));
    return entered?.type === element.type ? entered : STATEFUL[element.type](element);
  }

  /** Forgets what belongs to elements that are no longer shown. */
  keepOnly(blocks) {
    const shown = new Set(fieldsOf(blocks).map(({ blockId, element }) => keyOf(blockId, element.action_id)));
    for (const key of this.#entered.keys()) if (!shown.has(key)) this.#entered.delete(key);
  }

  /** The whole state as Slack's `view.state.values`. */
  values(blocks) {
    const values = {};
    for (const { blockId, element } of fieldsOf(blocks)) {
      values[blockId] ??= {};
      values[blockId][element.action_id] = this.get(blockId, element);
    }
    return values;
  }
}
