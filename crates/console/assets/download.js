// Downloads of objects under their owner's key. The browser saves them by itself, by a form that brings the key: the tab
// holds no content, and the download goes on when the page changes.

import * as chest from "./chest.js";
import { address, ask, el } from "./dom.js";
import { open as openKeys } from "./keyform.js";
import * as transfers from "./transfers.js";

const KEY = "x-amz-server-side-encryption-customer-key";
const MAX_KEYS = 50;

/** Finds the key of an object in this tab, by its envelope alone. Returns its id, or null. */
export async function findKey({ bucket, key, version }) {
  const keys = chest.list();
  for (let from = 0; from < keys.length; from += MAX_KEYS) {
    const some = keys.slice(from, from + MAX_KEYS);
    const body = JSON.stringify({ key, version: version ?? "", keys: some.map(({ id }) => chest.forRequest(id)) });
    const response = await ask(`/b/${bucket}/try-keys`, { method: "POST", body, headers: { "content-type": "application/json" } });
    const { index } = await response.json();
    if (index !== null) return some[index].id;
  }
  return null;
}

/** Downloads an object, and asks for its key if no key of this tab opens it. */
export async function download(object) {
  let id = chest.list().length ? await findKey(object) : null;
  while (id === null) {
    const count = chest.list().length;
    if (count && !(await another(count))) return;
    if ((await openKeys()) === null) return;
    id = await findKey(object);
  }
  start(object, id);
}

/** Tells that no key opens an object. Resolves to true if the person wants to add another one. */
function another(count) {
  return new Promise((resolve) => {
    const end = (more) => {
      dialog.close();
      dialog.remove();
      resolve(more);
    };
    const keys = count === 1 ? "The key in this tab does not open this version." : `None of the ${count} keys in this tab opens this version.`;
    const dialog = el("dialog", { "aria-labelledby": "no-key", oncancel: () => end(false) },
      el("div", { class: "head" }, el("h2", { id: "no-key" }, "No key fits")),
      el("div", { class: "body" }, el("div", {},
        el("p", {}, keys, " Each version may have a key of its own."),
        el("p", { class: "help" }, "Without its key nobody can open an object, the operator neither. Nothing was downloaded."))),
      el("div", { class: "foot" },
        el("button", { type: "button", class: "primary", onclick: () => end(true) }, "Add another key"),
        el("button", { type: "button", onclick: () => end(false) }, "Cancel")));
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Has the browser save an object. */
function start({ bucket, key, version }, id) {
  const transfer = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const frame = el("iframe", { name: `save-${transfer}`, hidden: true, title: "Download" });
  const field = (name, value) => el("input", { type: "hidden", name, value, autocomplete: "off" });
  const secret = field(KEY, chest.forRequest(id));
  const form = el("form", { method: "post", action: `/b/${bucket}/download`, target: frame.name, hidden: true, "data-hard": true },
    field("key", key), field("version", version ?? ""), field("transfer", transfer), secret);
  document.body.append(frame, form);
  form.submit();
  secret.value = "";
  form.remove();
  follow(transfer, key, frame);
}

async function follow(transfer, key, frame) {
  const row = transfers.begin(key, 0);
  let misses = 0;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    let report;
    try {
      report = await (await ask(address(`/transfers/${transfer}`, {}))).json();
      misses = 0;
    } catch {
      misses += 1;
      if (misses < 20) continue;
      report = { state: "failed", title: "The server cannot be reached", text: "Look into the downloads of the browser." };
    }
    if (report.state === "running") {
      row.update(report.sent, report.total);
      continue;
    }
    if (report.state === "done") {
      row.update(report.total, report.total);
      row.done("Sent. The browser saves it.");
    } else row.fail(`${report.title}. ${report.text}`);
    frame.remove();
    return;
  }
}
