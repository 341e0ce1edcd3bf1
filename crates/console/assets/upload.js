// Uploads: files and folders, in one request or in parts, with retries. Files are read from the disk piece by piece.

import * as chest from "./chest.js";
import { address, ask, el, find, Refused, size } from "./dom.js";
import { open as openKeys } from "./keyform.js";
import { go } from "./soft.js";
import * as transfers from "./transfers.js";

const KEY = "x-amz-server-side-encryption-customer-key";
const SSE = "x-amz-server-side-encryption";
const MIB = 1 << 20;
/** Largest file that is sent in one request. */
const WHOLE = 8 * MIB;
/** Parts of a file are at least this large, and at most 9,000 of them. */
const PART = 8 * MIB;
const MAX_PARTS = 9000;
const AT_ONCE = 3;
const TRIES = 5;

/** Lets a person choose files for a place. */
export function choose(place) {
  const input = el("input", { type: "file", multiple: true, hidden: true });
  input.addEventListener("change", () => {
    const files = [...input.files].map((file) => ({ file, path: file.webkitRelativePath || file.name }));
    input.remove();
    if (files.length) sheet(place, files);
  });
  document.body.append(input);
  input.click();
}

/** Uploads what was dropped: files, and folders with everything in them. */
export async function drop(place, dropped) {
  const files = [];
  for (const one of dropped) {
    if (one instanceof File) files.push({ file: one, path: one.name });
    else await walk(one, "", files);
  }
  if (files.length) sheet(place, files);
}

async function walk(entry, path, files) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    files.push({ file, path: path + entry.name });
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return;
    for (const inner of some) await walk(inner, `${path}${entry.name}/`, files);
  }
}

/** Asks how the files are to be protected, and begins. */
function sheet(place, files) {
  const total = files.reduce((sum, { file }) => sum + file.size, 0);
  const radio = (value, words, help, { checked = false, disabled = false } = {}) => el("label", { class: "check" },
    el("input", { type: "radio", name: "protect", value, checked, disabled }),
    el("span", {}, words, el("span", { class: "help" }, help)));
  const keys = el("select", { id: "upload-key", "aria-label": "Key" });
  const fill = (chosen) => {
    const known = chest.list();
    keys.replaceChildren(...known.map(({ id, label, print }) => el("option", { value: id, selected: id === chosen }, `${label} - ${print}`)));
    keys.hidden = known.length === 0;
    check();
  };
  const start = el("button", { type: "button", class: "primary" }, "Upload");
  const way = () => find("input[name=protect]:checked", dialog)?.value;
  const check = () => {
    start.disabled = way() === "own" && keys.options.length === 0;
  };
  const close = () => {
    dialog.close();
    dialog.remove();
  };
  const add = el("button", { type: "button", onclick: async () => {
    const id = await openKeys();
    if (id !== null) find("input[value=own]", dialog).checked = true;
    fill(id);
  } }, "Add a key...");
  const names = files.slice(0, 5).map(({ path, file }) => el("li", {}, el("bdi", { class: "name" }, path), " ", el("span", { class: "help" }, size(file.size))));
  if (files.length > 5) names.push(el("li", {}, `and ${files.length - 5} more`));
  const dialog = el("dialog", { "aria-labelledby": "upload-title", oncancel: close, onchange: check },
    el("div", { class: "head" }, el("h2", { id: "upload-title" }, files.length === 1 ? `Upload 1 file, ${size(total)}` : `Upload ${files.length} files, ${size(total)}`)),
    el("div", { class: "body" }, el("div", {},
      el("ul", { class: "names" }, ...names),
      el("fieldset", {}, el("legend", {}, "Protect with"),
        radio("default", place.byDefault ? `The bucket's default: ${place.byDefault}` : "The bucket's default", "What the settings of the bucket say.", { checked: true }),
        radio("store", "The store's key", "SSE-S3: whoever may read the object needs nothing else."),
        radio("own", "Your own key", place.isBlocked ? "The settings of this bucket block it (SSE-C)." : "SSE-C: only who has the key can open the object, not even the operator.", { disabled: place.isBlocked })),
      place.isBlocked ? null : el("div", { class: "with-button" }, keys, add))),
    el("div", { class: "foot" }, start, el("button", { type: "button", onclick: close }, "Cancel")));
  start.addEventListener("click", () => {
    const protection = { way: way(), key: Number(keys.value) };
    close();
    uploadAll(place, files, protection);
  });
  document.body.append(dialog);
  fill(null);
  dialog.showModal();
}

async function uploadAll(place, files, protection) {
  const waiting = [...files];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await upload(place, next, protection);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const shown = find("[data-drop]");
  if (shown?.dataset.drop === place.bucket && shown.dataset.prefix === place.prefix && !find("dialog[open]")) go(location.href);
}

const headersOf = ({ way, key }) => {
  if (way === "own") return { [KEY]: chest.forRequest(key) };
  return way === "store" ? { [SSE]: "AES256" } : {};
};

async function upload({ bucket, prefix }, { file, path }, protection) {
  const abort = new AbortController();
  const row = transfers.begin(path, file.size, () => abort.abort());
  const job = { bucket, key: prefix + path, file, protection, signal: abort.signal, row };
  try {
    await (file.size <= WHOLE ? whole(job) : inParts(job));
    const print = protection.way === "own" ? `, with key ${chest.list().find(({ id }) => id === protection.key)?.print}` : "";
    row.done(`Stored, ${size(file.size)}${print}`);
  } catch (error) {
    row.fail(abort.signal.aborted ? "Cancelled." : error instanceof Refused ? `${error.title}. ${error.message}` : `${error.message}`);
  }
}

async function whole(job) {
  const type = job.file.type || "application/octet-stream";
  await send(job, "PUT", address(`/b/${job.bucket}/object`, { key: job.key }), job.file, { ...headersOf(job.protection), "content-type": type }, (moved) => job.row.update(moved));
}

async function inParts(job) {
  const type = job.file.type || "application/octet-stream";
  const at = (rest) => address(`/b/${job.bucket}/uploads${rest}`, { key: job.key });
  const begun = await ask(at(""), { method: "POST", headers: { ...headersOf(job.protection), "content-type": type }, signal: job.signal });
  const { id } = await begun.json();
  try {
    const length = Math.max(PART, Math.ceil(job.file.size / MAX_PARTS / MIB) * MIB);
    const count = Math.ceil(job.file.size / length);
    const moved = new Array(count).fill(0);
    const parts = [];
    let next = 0;
    const worker = async () => {
      while (next < count) {
        const index = next++;
        const piece = job.file.slice(index * length, (index + 1) * length);
        const headers = job.protection.way === "own" ? headersOf(job.protection) : {};
        const { etag } = await send(job, "PUT", at(`/${id}/${index + 1}`), piece, headers, (bytes) => {
          moved[index] = bytes;
          job.row.update(moved.reduce((sum, part) => sum + part, 0));
        });
        parts[index] = { number: index + 1, etag };
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    await ask(at(`/${id}`), { method: "POST", body: JSON.stringify(parts), headers: { "content-type": "application/json" }, signal: job.signal });
  } catch (error) {
    // Its parts take space until the upload is aborted.
    ask(at(`/${id}`), { method: "DELETE" }).catch(() => {});
    throw error;
  }
}

/** Sends a body, with its progress, and again after failures that may pass. */
async function send(job, method, to, body, headers, moved) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await sendOnce(job, method, to, body, headers, moved);
    } catch (error) {
      const mayPass = !(error instanceof Refused) || error.status >= 500;
      if (job.signal.aborted || !mayPass || attempt === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** attempt));
    }
  }
}

// `fetch` tells nothing of how much it has sent.
function sendOnce(job, method, to, body, headers, moved) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, to);
    for (const [name, value] of Object.entries({ "x-strongroom": "1", ...headers })) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", (event) => moved(event.loaded));
    request.addEventListener("load", () => {
      const answer = parse(request.responseText);
      if (request.status < 300) return resolve(answer);
      const proxy = { title: "The upload is too large for a proxy", text: "A proxy before the server refuses bodies of this size: raise its limit (nginx: client_max_body_size)." };
      reject(new Refused(request.status, request.status === 413 && !answer.title ? proxy : answer));
    });
    request.addEventListener("error", () => reject(new Error("The connection broke.")));
    request.addEventListener("abort", () => reject(new Error("Cancelled.")));
    const stop = () => request.abort();
    job.signal.addEventListener("abort", stop, { once: true });
    request.addEventListener("loadend", () => job.signal.removeEventListener("abort", stop));
    request.send(body);
  });
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
