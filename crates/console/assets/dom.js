// Elements, messages and requests. Texts are only ever set as text.

/** Creates an element with attributes, listeners (`on...`) and children. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

export const find = (selector, within = document) => within.querySelector(selector);
export const all = (selector, within = document) => [...within.querySelectorAll(selector)];

/** Tells screen readers something that the page shows. */
export function announce(text) {
  const region = find("#announce");
  if (region) region.textContent = text;
}

/** Tells screen readers at once that something failed. */
export function alarm(text) {
  const region = find("#alarm");
  if (region) region.textContent = text;
}

/** A refusal of the server, in its words. */
export class Refused extends Error {
  constructor(status, document) {
    super(document.text ?? "The server did not say why.");
    this.status = status;
    this.title = document.title ?? "The server could not do this";
    this.code = document.code;
  }
}

/** Makes a request of a script. Returns the response if it succeeded. */
export async function ask(address, options = {}) {
  const headers = { "x-strongroom": "1", ...options.headers };
  const response = await fetch(address, { ...options, headers, credentials: "same-origin", redirect: "error" });
  if (response.ok) return response;
  throw new Refused(response.status, await response.json().catch(() => ({})));
}

/** Returns an address with a query. */
export function address(path, query) {
  const pairs = Object.entries(query).filter(([, value]) => value !== "" && value != null);
  return pairs.length ? `${path}?${new URLSearchParams(pairs)}` : path;
}

/** Returns a number of bytes with three digits and a binary unit. */
export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  const units = ["KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  let number = bytes / 1024;
  while (number >= 999.5 && unit + 1 < units.length) {
    number /= 1024;
    unit += 1;
  }
  const digits = number >= 99.95 ? 0 : number >= 9.995 ? 1 : 2;
  return `${number.toFixed(digits)} ${units[unit]}`;
}
