// Navigation without a new document: the next page is fetched and its content put in place, so that the keys and the
// transfers of the tab live on. Links and forms work without this too.

import { all, announce, find } from "./dom.js";

const policy = window.trustedTypes?.createPolicy("strongroom-page", { createHTML: (text) => text });
const shown = new Set();
let running = null;

/** Calls a function for the first page and for each one that follows. */
export function onPage(listener) {
  shown.add(listener);
  listener();
}

/** Goes to an address of the console. */
export const go = (address) => visit(new Request(address), true);

async function visit(request, isNew, scroll = 0) {
  running?.abort();
  const abort = new AbortController();
  running = abort;
  const bar = document.createElement("div");
  bar.className = "bar";
  const timer = setTimeout(() => document.body.append(bar), 150);
  try {
    // A form that was sent is not called back: it may have taken effect. Only its answer is not shown.
    const signal = request.method === "GET" ? abort.signal : null;
    request.headers.set("accept", "text/html");
    const response = await fetch(request, { signal });
    const kind = response.headers.get("content-type") ?? "";
    const next = kind.startsWith("text/html") && parse(await response.text());
    if (running !== abort) return;
    // Another frame: the page where one signs in, or one that is not ours.
    if (!next || !find("main[data-title]", next)) return location.assign(request.method === "GET" ? request.url : response.url);
    if (isNew) {
      history.replaceState({ scroll: window.scrollY }, "");
      const address = response.redirected || request.method === "GET" ? response.url : location.href;
      if (address !== location.href) history.pushState({ scroll: 0 }, "", address);
    }
    place(next, scroll);
  } catch (error) {
    if (error.name !== "AbortError") location.assign(request.method === "GET" ? request.url : location.href);
  } finally {
    clearTimeout(timer);
    bar.remove();
    if (running === abort) running = null;
  }
}

const parse = (text) => new DOMParser().parseFromString(policy ? policy.createHTML(text) : text, "text/html");

function place(next, scroll) {
  const main = find("main", next);
  find("main").replaceWith(document.adoptNode(main));
  document.title = main.dataset.title;
  for (const entry of all("[data-entry]")) {
    if (entry.dataset.entry === main.dataset.section) entry.setAttribute("aria-current", "page");
    else entry.removeAttribute("aria-current");
  }
  find("details.menu")?.removeAttribute("open");
  window.scrollTo(0, scroll);
  shown.forEach((listener) => listener());
  (find("h1", main) ?? main).focus({ preventScroll: true });
  announce(document.title);
}

const isOurs = (url) => url.origin === location.origin;

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const url = new URL(link.href);
  if (!isOurs(url) || link.target || link.download || "hard" in link.dataset || link.getAttribute("href").startsWith("#")) return;
  event.preventDefault();
  go(url);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || "hard" in form.dataset || form.target || form.enctype === "multipart/form-data") return;
  // A button may have the name `action`, which would hide the property.
  const url = new URL(form.getAttribute("action"), location.href);
  if (!isOurs(url)) return;
  event.preventDefault();
  const fields = new URLSearchParams(new FormData(form, event.submitter));
  if (form.method === "post") return visit(new Request(url, { method: "POST", body: fields }), true);
  url.search = new URLSearchParams([...fields].filter(([, value]) => value !== ""));
  go(url);
});

window.addEventListener("popstate", (event) => visit(new Request(location.href), false, event.state?.scroll ?? 0));
history.scrollRestoration = "manual";
