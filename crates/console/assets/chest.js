// The keys of this tab: in the memory of this module and nowhere else.

import { base64, fingerprint } from "./keyread.js";

const keys = new Map();
const listeners = new Set();
let next = 1;

/** Calls a function after each change. */
export const onChange = (listener) => listeners.add(listener);
const changed = () => listeners.forEach((listener) => listener());

/** Adds a key, or returns the one that is there already. `saved`: a person has it elsewhere. */
export async function add(bytes, label, saved) {
  const print = await fingerprint(bytes);
  for (const [id, known] of keys) {
    if (known.print !== print) continue;
    known.saved ||= saved;
    if (label) known.label = label;
    bytes.fill(0);
    changed();
    return id;
  }
  const id = next++;
  keys.set(id, { bytes, label: label || `Key ${id}`, print, saved });
  changed();
  return id;
}

/** Removes a key and overwrites its bytes. Copies that the browser made are out of reach. */
export function remove(id) {
  keys.get(id)?.bytes.fill(0);
  keys.delete(id);
  changed();
}

/** Returns the keys without their bytes. */
export const list = () => [...keys].map(([id, { label, print, saved }]) => ({ id, label, print, saved }));

/** Returns a key for one request. */
export const forRequest = (id) => base64(keys.get(id).bytes);

/** Returns whether a reload would lose a key that nobody has elsewhere. */
export const wouldLose = () => [...keys.values()].some((key) => !key.saved);
