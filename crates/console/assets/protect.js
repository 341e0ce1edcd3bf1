// The change of an object's protection. Both keys come from this tab; no data moves.

import * as chest from "./chest.js";
import { alarm, announce, ask, el, find, size } from "./dom.js";
import { findKey } from "./download.js";
import { open as openKeys } from "./keyform.js";
import { go } from "./soft.js";

/** Asks what is to protect an object from now on, and changes it. `own`: its owner's key does now. */
export async function change({ bucket, key, version, own, versions }) {
  let from = null;
  if (own) {
    from = chest.list().length ? await findKey({ bucket, key, version }) : null;
    while (from === null) {
      if ((await openKeys()) === null) return;
      from = await findKey({ bucket, key, version });
    }
  }
  const used = chest.list().find(({ id }) => id === from);
  const keys = el("select", { id: "new-key", "aria-label": "New key" });
  const start = el("button", { type: "button", class: "primary" }, "Change protection");
  const failed = el("div", { "aria-live": "polite" });
  const way = () => find("input[name=to]:checked", dialog)?.value;
  const check = () => {
    start.disabled = way() === "own" && keys.options.length === 0;
  };
  const fill = (chosen) => {
    const others = chest.list().filter(({ id }) => id !== from);
    keys.replaceChildren(...others.map(({ id, label, print }) => el("option", { value: id, selected: id === chosen }, `${label} - ${print}`)));
    keys.hidden = others.length === 0;
    check();
  };
  const close = () => {
    dialog.close();
    dialog.remove();
  };
  const radio = (value, words, help, checked) => el("label", { class: "check" },
    el("input", { type: "radio", name: "to", value, checked }),
    el("span", {}, words, el("span", { class: "help" }, help)));
  const add = el("button", { type: "button", onclick: async () => {
    const id = await openKeys();
    if (id !== null) find("input[value=own]", dialog).checked = true;
    fill(id);
  } }, "Add a key...");
  const dialog = el("dialog", { "aria-labelledby": "protect-title", oncancel: close, onchange: check },
    el("div", { class: "head" }, el("h2", { id: "protect-title" }, "Change protection")),
    el("div", { class: "body" }, el("div", {},
      el("p", {}, "Now: ", used ? `your own key ${used.label}, ${used.print}` : "the keys of the store", ". The content stays where it is; only its key is wrapped anew."),
      el("fieldset", {}, el("legend", {}, "Protect with"),
        own ? radio("store", "The store's key", "SSE-S3: whoever may read the object needs nothing else.", true) : null,
        radio("own", "Your own key", "SSE-C: only who has the key can open the object, not even the operator.", !own)),
      el("div", { class: "with-button" }, keys, add),
      versions ? el("p", { class: "help" }, "The bucket keeps versions: this makes a new one. Older versions still open with what protects them now.") : null,
      failed)),
    el("div", { class: "foot" }, start, el("button", { type: "button", onclick: close }, "Cancel")));
  start.addEventListener("click", async () => {
    start.disabled = true;
    const body = { key, version, from: from === null ? null : chest.forRequest(from), to: way() === "own" ? chest.forRequest(Number(keys.value)) : null };
    try {
      const response = await ask(`/b/${bucket}/protect`, { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } });
      const { milliseconds, length } = await response.json();
      close();
      await go(`/b/${bucket}/object?${new URLSearchParams({ key })}`);
      const words = `Changed in ${milliseconds} ms. ${size(length)} stayed where they are.`;
      find("[data-previewed]")?.replaceChildren(el("div", { class: "message good" }, el("div", {}, el("p", {}, words))));
      announce(words);
    } catch (error) {
      failed.replaceChildren(el("p", { class: "bad-text" }, `${error.title ?? "This failed"}. ${error.message}`));
      alarm(error.message);
      check();
    }
  });
  document.body.append(dialog);
  fill(null);
  dialog.showModal();
}
