// The panel of uploads and downloads. It shows at most 50 rows, and draws at most four times a second.

import { alarm, el, find, size } from "./dom.js";

const SHOWN = 50;
const rows = [];
let drawing = null;

/** Begins a row. The returned object has `update`, `done` and `fail`. */
export function begin(name, total, cancel) {
  const row = { name, total, moved: 0, state: "running", text: "", cancel, since: performance.now() };
  rows.unshift(row);
  draw();
  return {
    update(moved, newTotal) {
      row.moved = moved;
      row.total = newTotal ?? row.total;
      draw();
    },
    done(text) {
      Object.assign(row, { state: "done", text, moved: row.total });
      draw();
    },
    fail(text) {
      Object.assign(row, { state: "failed", text });
      alarm(`${name}: ${text}`);
      draw();
    },
  };
}

/** Returns whether an upload or download of a script is running. */
export const areRunning = () => rows.some((row) => row.state === "running" && row.cancel);

function draw() {
  drawing ??= setTimeout(() => {
    drawing = null;
    const panel = find("#transfers");
    if (!panel) return;
    panel.hidden = rows.length === 0;
    const focused = panel.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
    panel.replaceChildren(head(), el("ul", { tabindex: "0", "aria-label": "Transfers" }, ...rows.slice(0, SHOWN).map(item)));
    if (focused) find(`[data-focus="${focused}"]`, panel)?.focus();
  }, 250);
}

function head() {
  const count = (state) => rows.filter((row) => row.state === state).length;
  const failed = count("failed");
  const text = count("running") ? `${count("running")} running` : `${count("done")} done`;
  const clear = () => {
    rows.splice(0, rows.length, ...rows.filter((row) => row.state === "running"));
    draw();
  };
  return el("div", { class: "head" },
    el("h2", {}, failed ? `${text}, ${failed} failed` : text),
    el("button", { type: "button", class: "quiet small", onclick: clear, "data-focus": "clear" }, "Clear finished"));
}

function item(row, index) {
  const seconds = (performance.now() - row.since) / 1000;
  const rate = row.state === "running" && seconds > 1 && row.moved ? `, ${size(Math.round(row.moved / seconds))}/s` : "";
  const progress = row.total ? `${size(row.moved)} of ${size(row.total)}${rate}` : size(row.moved);
  const stop = row.state === "running" && row.cancel;
  return el("li", { class: row.state },
    el("div", { class: "line" },
      el("bdi", { class: "name", title: row.name }, row.name),
      stop ? el("button", { type: "button", class: "quiet small", onclick: row.cancel, "data-focus": `stop-${index}` }, "Cancel") : null),
    row.state === "running" ? el("progress", { max: row.total || 1, value: row.moved, "aria-label": row.name }) : null,
    el("p", {}, row.state === "running" ? progress : row.text));
}
