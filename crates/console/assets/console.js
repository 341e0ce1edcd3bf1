// What scripts add to the pages. Everything is attached to the document once, and finds the page that is shown.

import * as chest from "./chest.js";
import { address, all, announce, ask, el, find, size } from "./dom.js";
import { onPage } from "./soft.js";

document.documentElement.classList.add("scripted");

// Loaded when they are needed first.
const keyForm = () => import("./keyform.js");
const uploads = () => import("./upload.js");
const downloads = () => import("./download.js");
const protection = () => import("./protect.js");
const transfers = () => import("./transfers.js");
let areRunning = () => false;
transfers().then((module) => {
  areRunning = module.areRunning;
});

/** Shows how many keys the tab has, and the keys on the page about them. */
async function showKeys() {
  const keys = chest.list();
  for (const count of all("[data-keys]")) {
    count.hidden = keys.length === 0;
    count.textContent = keys.length;
  }
  const place = find("[data-chest]");
  if (!place) return;
  if (!keys.length) {
    place.replaceChildren(el("div", { class: "empty" }, el("h2", {}, "No key yet"), el("p", {}, "Choose a key file, paste a key, or make a new one.")));
    return;
  }
  const { print } = await keyForm();
  const rows = keys.map((key) => el("div", { class: "key-row" },
    el("div", {}, el("p", { class: "strong" }, el("bdi", {}, key.label)), key.saved ? null : el("p", { class: "bad-text" }, "Not saved: a reload loses it.")),
    print(key.print),
    el("button", { type: "button", class: "small", "aria-label": `Forget ${key.label}`, onclick: () => chest.remove(key.id) }, "Forget")));
  place.replaceChildren(el("section", { class: "card" }, ...rows));
}

chest.onChange(showKeys);
onPage(showKeys);

/** Finds the key of the object that the page is about. */
async function showFound(card) {
  const { bucket, key, version } = card.dataset;
  const place = find("[data-found]", card);
  const say = (kind, ...content) => place.replaceChildren(el("div", { class: `message ${kind}` }, el("div", {}, ...content)));
  const keys = chest.list();
  if (!keys.length) return say("note", el("p", {}, "There is no key in this tab yet."));
  try {
    const id = await (await downloads()).findKey({ bucket, key, version });
    const found = keys.find((known) => known.id === id);
    if (!found) return say("warn", el("p", {}, `None of the ${keys.length === 1 ? "keys" : `${keys.length} keys`} in this tab opens this version.`));
    const { print } = await keyForm();
    const shown = el("div", {});
    say("good", el("p", { class: "strong" }, "Opens with ", el("bdi", {}, found.label)), print(found.print),
      el("p", {}, el("button", { type: "button", class: "small", onclick: () => preview({ bucket, key, version }, id, shown) }, "Preview")), shown);
  } catch (error) {
    say("bad", el("p", { class: "strong" }, error.title ?? "This failed"), el("p", {}, error.message));
  }
}

/** Shows the beginning of a text, or an image. Nothing is ever shown as a document of its own. */
async function preview(object, id, place) {
  const headers = id === null ? {} : { "x-amz-server-side-encryption-customer-key": chest.forRequest(id) };
  try {
    const response = await ask(address(`/b/${object.bucket}/content`, { key: object.key, version: object.version }), { headers });
    const type = response.headers.get("content-type");
    if (type.startsWith("image/")) {
      const image = el("img", { class: "preview", alt: `Preview of ${object.key}` });
      const url = URL.createObjectURL(new Blob([await response.arrayBuffer()], { type }));
      image.addEventListener("load", () => URL.revokeObjectURL(url));
      image.src = url;
      return place.replaceChildren(image);
    }
    const text = (await response.text()).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (letter) => `[U+${letter.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}]`);
    const total = Number(response.headers.get("x-strongroom-length"));
    const rest = total > 256 << 10 ? el("p", { class: "help" }, `The first 256 KiB of ${size(total)}.`) : null;
    place.replaceChildren(el("pre", { class: "preview", tabindex: "0" }, text), ...(rest ? [rest] : []));
  } catch (error) {
    place.replaceChildren(el("p", { class: "bad-text" }, `${error.title ?? "This failed"}. ${error.message}`));
  }
}

/** Copies a text, or selects it where the browser does not let pages copy. */
async function copy(button) {
  const before = button.lastChild.textContent;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.lastChild.textContent = "Copied";
    announce("Copied");
  } catch {
    getSelection().selectAllChildren(button.parentElement.querySelector("code") ?? button.parentElement);
    button.lastChild.textContent = "Press Ctrl+C";
  }
  setTimeout(() => {
    button.lastChild.textContent = before;
  }, 2000);
}

const place = () => {
  const target = find("[data-drop]");
  return target && { bucket: target.dataset.drop, prefix: target.dataset.prefix, byDefault: target.dataset.default, isBlocked: "blocked" in target.dataset };
};

document.addEventListener("click", async (event) => {
  const on = (selector) => event.target.closest?.(selector);
  const copied = on("[data-copy]");
  if (copied) return copy(copied);
  const reveal = on("[data-reveal]");
  if (reveal) {
    const shown = find(`#${reveal.dataset.reveal}`).classList.toggle("shown");
    reveal.setAttribute("aria-pressed", shown);
    reveal.textContent = shown ? "Hide" : "Show";
    return;
  }
  const own = on("a[data-download=own]");
  if (own) {
    event.preventDefault();
    const url = new URL(own.href);
    const [, , bucket] = url.pathname.split("/");
    const object = { bucket, key: url.searchParams.get("key"), version: url.searchParams.get("version") ?? "" };
    try {
      await (await downloads()).download(object);
    } catch (error) {
      (await transfers()).begin(object.key, 0).fail(`${error.title ?? "This failed"}. ${error.message}`);
    }
    return;
  }
  if (on("[data-add-key]")) {
    await (await keyForm()).open();
    const card = on("[data-object-key]");
    if (card && chest.list().length) await showFound(card);
    return;
  }
  const changes = on("[data-protect]");
  if (changes) {
    const { bucket, key, version, protect, versions } = changes.dataset;
    return (await protection()).change({ bucket, key, version, own: protect === "own", versions: versions === "true" });
  }
  if (on("[data-find-key]")) return showFound(on("[data-object-key]"));
  const shows = on("[data-preview]");
  if (shows) return preview(shows.dataset, null, find("[data-previewed]"));
  if (on("#upload")) return (await uploads()).choose(place());
});

// Links to pages of this console, in full, to be sent to others.
onPage(() => {
  for (const place of all("[data-link]")) {
    const link = new URL(place.dataset.link, location.href).href;
    place.replaceChildren(el("span", { class: "command" }, el("code", {}, link), el("button", { type: "button", class: "quiet small", "data-copy": link }, el("span", {}, "Copy"))));
  }
});

// Selection in tables.
function count() {
  const ticks = all("[data-table] tbody .tick input");
  const chosen = ticks.filter((tick) => tick.checked).length;
  const bar = find("[data-selection]");
  bar?.classList.toggle("active", chosen > 0);
  const words = find("[data-selected]");
  if (words) words.textContent = `${chosen} selected`;
  const every = find("[data-all]");
  if (every) {
    every.checked = chosen > 0 && chosen === ticks.length;
    every.indeterminate = chosen > 0 && chosen < ticks.length;
  }
}
onPage(count);

document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-all]")) for (const tick of all("[data-table] tbody .tick input")) tick.checked = event.target.checked;
  if (event.target.closest?.("[data-table]")) count();
});

// The theme changes in place: a new document would forget the keys.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form.theme")) return;
  event.preventDefault();
  const { value } = event.submitter;
  if (value === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = value;
  for (const button of all("form.theme button")) button.setAttribute("aria-pressed", button.value === value);
  fetch("/theme", { method: "POST", body: new URLSearchParams({ theme: value }), redirect: "manual" });
}, true);

// Keys of the keyboard, off while somebody types.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, dialog")) return;
  const target = find(`main [data-shortcut="${CSS.escape(event.key)}"]`);
  if (!target) return;
  event.preventDefault();
  if (target.matches("input")) target.focus();
  else target.click();
});

// Files that are dropped on the page.
let depth = 0;
const brings = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
const showTarget = (shown) => {
  const target = find("[data-drop]");
  if (target) target.hidden = !shown;
};
document.addEventListener("dragenter", (event) => {
  if (brings(event) && ++depth === 1) showTarget(true);
});
document.addEventListener("dragleave", (event) => {
  if (brings(event) && --depth === 0) showTarget(false);
});
document.addEventListener("dragover", (event) => {
  if (brings(event)) event.preventDefault();
});
document.addEventListener("drop", async (event) => {
  if (!brings(event)) return;
  event.preventDefault();
  depth = 0;
  showTarget(false);
  // What was dropped is gone once the event is over.
  const items = [...event.dataTransfer.items].filter((item) => item.kind === "file");
  const dropped = items.map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile());
  if (place()) (await uploads()).drop(place(), dropped);
});

window.addEventListener("beforeunload", (event) => {
  if (areRunning() || chest.wouldLose()) event.preventDefault();
});
