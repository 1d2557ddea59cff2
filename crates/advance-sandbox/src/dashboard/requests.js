// The requests, newest first, as they come.
import { get } from "./control.js";
import { clockTime, element, one } from "./dom.js";

const KEPT = 500;
const CALLS = ["generate-token", "generate-url", "get-result"];
let entries = [];
let waiting = [];
let paused = false;

const nameOf = (entry) => {
  const last = entry.path.split("/").filter(Boolean).pop() ?? "/";
  return CALLS.includes(last) ? last : entry.path;
};
const isPage = (entry) => entry.path.includes("/h5-idv/") || entry.path.includes("/s/") || entry.path.includes("/images/");
const failed = (entry) => entry.status >= 400 || Boolean(entry.fault) || (entry.code !== undefined && entry.code !== "SUCCESS");

const kinds = {
  "": () => true,
  call: (entry) => CALLS.includes(nameOf(entry)),
  failed,
  paid: (entry) => entry.pricingStrategy === "PAY",
  page: isPage,
};

function matches(entry) {
  const wanted = one("#search").value.trim().toLowerCase();
  const text = [entry.method, entry.path, entry.status, entry.code, entry.signatureId, entry.userId, entry.transactionId, entry.hint, entry.fault];
  return kinds[one("#kind").value](entry) && (!wanted || text.join(" ").toLowerCase().includes(wanted));
}

export function draw() {
  const shown = entries.filter(matches);
  const list = one("#requests-list");
  const open = new Set([...list.querySelectorAll("details[open]")].map((row) => row.dataset.n));
  list.replaceChildren(...shown.map((entry) => row(entry, open.has(String(entry.n)))));
  one("#requests-empty").hidden = shown.length > 0;
  one("#requests-count").textContent = shown.length === entries.length ? `${entries.length}` : `${shown.length} of ${entries.length}`;
}

function row(entry, open) {
  const who = [entry.signatureId, entry.userId, entry.hint, entry.fault && `fault: ${entry.fault}`, entry.leaked && `sent where pictures are: ${entry.leaked.join(", ")}`];
  const bodies = element("div", { class: "bodies" });
  const details = element(
    "details",
    { "data-n": entry.n, open, toggle: () => details.open && !bodies.childElementCount && fill(bodies, entry) },
    element(
      "summary",
      {},
      element("time", { datetime: new Date(entry.at).toISOString() }, clockTime(entry.at)),
      element("span", { class: "what" }, `${entry.method === "POST" ? "" : `${entry.method} `}${nameOf(entry)}`),
      element("span", { class: "code" }, element("span", { class: `tag ${failed(entry) ? "bad" : entry.code ? "good" : ""}` }, entry.code ?? String(entry.status))),
      element("span", { class: `price ${entry.pricingStrategy === "PAY" ? "pay" : ""}` }, entry.pricingStrategy ?? ""),
      element("span", { class: "took" }, entry.durationMs === undefined ? "" : `${entry.durationMs.toFixed(1)} ms`),
      element("span", { class: "who mono" }, who.filter(Boolean).join(" · ")),
    ),
    bodies,
  );
  return element("li", {}, details);
}

/** The bodies, redacted; one click shows them as they were. */
async function fill(place, entry, reveal = false) {
  const facts = `${entry.method} ${entry.path} · HTTP ${entry.status}${entry.transactionId ? ` · transactionId ${entry.transactionId}` : ""}`;
  const parts = [element("p", { class: "mono note" }, facts)];
  try {
    const exchange = await get(`journal/${entry.n}${reveal ? "?reveal=true" : ""}`);
    for (const [title, body] of [["Request", exchange.request], ["Reply", exchange.reply]]) {
      const text = typeof body === "string" ? body : JSON.stringify(body, null, 2);
      if (body !== null && body !== "") parts.push(element("div", {}, element("h3", {}, title), element("pre", { tabindex: "0", "aria-label": title }, text)));
    }
    parts.push(element("button", { type: "button", click: () => fill(place, entry, !reveal) }, reveal ? "Hide what is secret or personal" : "Show everything"));
  } catch (error) {
    parts.push(element("p", { class: "note" }, error.message));
  }
  place.replaceChildren(...parts);
}

export function add(entry) {
  if (paused) {
    waiting.push(entry);
    one("#pause").textContent = `Go on (${waiting.length})`;
    return;
  }
  entries = [entry, ...entries].slice(0, KEPT);
  draw();
}

export async function load() {
  const health = await get("health");
  const newest = await get(`journal?since=${Math.max(0, health.requests - KEPT)}&count=${KEPT}`);
  entries = newest.reverse();
  draw();
}

export function start() {
  one("#search").addEventListener("input", draw);
  one("#kind").addEventListener("change", draw);
  one("#pause").addEventListener("click", (event) => {
    paused = !paused;
    event.target.setAttribute("aria-pressed", String(paused));
    event.target.textContent = paused ? "Go on" : "Pause";
    if (paused) return;
    entries = [...waiting.reverse(), ...entries].slice(0, KEPT);
    waiting = [];
    draw();
  });
}
