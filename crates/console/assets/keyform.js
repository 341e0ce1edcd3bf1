// The dialog in which a key is read or made.

import * as chest from "./chest.js";
import { all, el, find } from "./dom.js";
import { base64, describe, fingerprint, hex, read, weakness } from "./keyread.js";

const dialog = find("#key-dialog");
const part = (id) => find(`#${id}`, dialog);
let candidates = [];
let made = null;
let settle = null;

/** Shows the dialog. Resolves to the id of the last key that was added, or to null. */
export function open() {
  reset();
  dialog.showModal();
  return new Promise((resolve) => {
    settle = resolve;
  });
}

function reset() {
  candidates.forEach(({ key }) => key.fill(0));
  candidates = [];
  made = null;
  for (const input of all("input", dialog)) {
    if (input.type === "checkbox") input.checked = false;
    else input.value = "";
  }
  part("key-read").replaceChildren();
  part("key-proved").replaceChildren();
  step("read");
}

function step(name) {
  for (const section of all("[data-step]", dialog)) section.hidden = section.dataset.step !== name;
  find("#key-title").textContent = name === "read" ? "Add a key" : "A new key";
  refresh();
}

const isSaved = () => made?.proved || part("key-promise").checked;
const refresh = () => {
  part("key-add").disabled = made ? !isSaved() : candidates.length === 0;
};

/** Shows a key by its fingerprint and a picture of it. */
export function print(text) {
  const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  picture.setAttribute("viewBox", "0 0 5 3");
  picture.setAttribute("class", "pattern");
  picture.setAttribute("aria-hidden", "true");
  const bits = BigInt(`0x${text.replaceAll(" ", "")}`);
  for (let at = 0; at < 15; at += 1) {
    if (!((bits >> BigInt(at * 4)) & 1n)) continue;
    const block = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    for (const [name, value] of Object.entries({ x: at % 5, y: Math.floor(at / 5), width: 1, height: 1, fill: "currentColor" })) block.setAttribute(name, value);
    picture.append(block);
  }
  return el("span", { class: "prints" }, picture, el("span", { class: "print" }, text));
}

async function add(bytes, name) {
  const found = read(bytes);
  if (found) candidates.push({ ...found, name });
  return found;
}

async function show(refused) {
  const lines = [];
  for (const candidate of candidates) {
    const weak = weakness(candidate.key);
    lines.push(el("div", { class: "key-row" }, el("div", {},
      candidate.name ? el("p", { class: "strong" }, candidate.name) : null,
      el("p", {}, `Read as ${describe(candidate)}.`),
      weak ? el("p", { class: "bad-text" }, weak) : null), print(await fingerprint(candidate.key))));
  }
  for (const name of refused) lines.push(el("p", { class: "bad-text" }, `${name}: this is not a key.`));
  part("key-read").replaceChildren(...lines);
  refresh();
}

part("key-files").addEventListener("change", async (event) => {
  candidates = [];
  const refused = [];
  for (const file of event.target.files) {
    // The longest list of keys that is worth reading.
    const bytes = new Uint8Array(await file.slice(0, 64 << 10).arrayBuffer());
    if (await add(bytes, file.name)) continue;
    // A list file has one key a line.
    const lines = new TextDecoder().decode(bytes).split(/\r?\n/).filter((line) => line);
    let some = false;
    for (const line of lines.length > 1 ? lines : []) some = (await add(new TextEncoder().encode(line), file.name)) !== null || some;
    if (!some) refused.push(file.name);
    bytes.fill(0);
  }
  event.target.value = "";
  await show(refused);
});

part("key-text").addEventListener("input", async (event) => {
  candidates = [];
  const text = event.target.value.trim();
  const found = await add(new TextEncoder().encode(text), "");
  // The field is emptied as soon as it was read, so that nothing remembers it.
  if (found) event.target.value = "";
  await show(text.length > 64 && !found ? ["The text"] : []);
});

find("[data-make]", dialog).addEventListener("click", async () => {
  const key = crypto.getRandomValues(new Uint8Array(32));
  const text = await fingerprint(key);
  made = { key, print: text, proved: false };
  part("key-made").replaceChildren(print(text));
  step("save");
  find("[data-save]", dialog).focus();
});

for (const button of all("[data-save]", dialog)) {
  button.addEventListener("click", () => {
    const day = new Date().toISOString().slice(0, 10);
    const name = `strongroom-${day}-${made.print.replaceAll(" ", "").slice(0, 8)}`;
    if (button.dataset.save === "raw") return save(new Blob([made.key], { type: "application/octet-stream" }), `${name}.key`);
    const sheet = [
      `Strongroom customer key ${made.print}`, `Made on ${day} for ${location.host}`, "",
      `base64  ${base64(made.key)}`, `hex     ${hex(made.key)}`, "",
      "Whoever has this key reads the data. Whoever loses it loses the data: nobody else has it.", "",
    ];
    save(new Blob([sheet.join("\n")], { type: "text/plain" }), `${name}.txt`);
  });
}

function save(blob, name) {
  const link = el("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

part("key-proof").addEventListener("change", async (event) => {
  const [file] = event.target.files;
  if (!file) return;
  const bytes = new Uint8Array(await file.slice(0, 4096).arrayBuffer());
  const sheet = new TextDecoder().decode(bytes).match(/^base64 {2}(\S+)$/m);
  const found = read(sheet ? new TextEncoder().encode(sheet[1]) : bytes);
  const same = found && (await fingerprint(found.key)) === made.print;
  made.proved = same;
  found?.key.fill(0);
  bytes.fill(0);
  const words = same ? "The saved file has this key." : "This file does not have the key that was made here.";
  part("key-proved").replaceChildren(el("p", { class: same ? "good-text strong" : "bad-text" }, words));
  event.target.value = "";
  refresh();
});

part("key-promise").addEventListener("change", refresh);

part("key-add").addEventListener("click", async () => {
  const label = part("key-label").value.trim();
  let id = null;
  if (made) id = await chest.add(made.key, label || "New key", true);
  for (const { key, name } of candidates) id = await chest.add(key, candidates.length === 1 && label ? label : name, true);
  candidates = [];
  made = null;
  finish(id);
});

for (const button of all("[data-close]", dialog)) button.addEventListener("click", () => finish(null));
dialog.addEventListener("cancel", () => finish(null));

function finish(id) {
  made?.key.fill(0);
  reset();
  dialog.close();
  settle?.(id);
  settle = null;
}
