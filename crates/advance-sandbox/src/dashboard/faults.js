// Faults: what is planned, and planning more.
import { act, get } from "./control.js";
import { element, list, one, option } from "./dom.js";

const fail = (code, message, more = {}) => ({ fail: { code, message, ...more } });
/** What can happen to a call, as the control call takes it. */
const EFFECTS = [
  ["SERVICE_BUSY, Retry-After 10s", fail("SERVICE_BUSY", "Service is busy, please try again later", { retryAfter: "10s" })],
  ["ERROR", fail("ERROR", "Server error")],
  ["RETRY_LATER", fail("RETRY_LATER", "Query failed, please try again later")],
  ["IAM_FAILED, as for a dead token", fail("IAM_FAILED", "Token not found or expired")],
  ["INSUFFICIENT_BALANCE", fail("INSUFFICIENT_BALANCE", "Insufficient balance")],
  ["HTTP 429 with SERVICE_BUSY", fail("SERVICE_BUSY", "Service is busy, please try again later", { status: 429 })],
  ["2 s late", { delayMs: 2000 }],
  ["30 s late", { delayMs: 30000 }],
  ["dribbles, 16 bytes every 50 ms", { dribble: { bytes: 16, everyMs: 50 } }],
  ["a gateway’s HTML page", { shape: "html" }],
  ["no body", { shape: "empty" }],
  ["half of the JSON", { shape: "half-json" }],
  ["no code in the envelope", { shape: "no-code" }],
  ["data of another product", { shape: "other-data" }],
  ["reset before the call is looked at", { socket: "reset-before" }],
  ["done and charged, then reset unanswered", { socket: "reset-unanswered" }],
  ["reset within the reply", { socket: "reset-in" }],
  ["body cut short", { socket: "cut-body" }],
  ["no answer at all", { socket: "no-answer" }],
  ["bytes that are no HTTP", { socket: "garbage" }],
  ["connection stale when used again", { socket: "stale-keep-alive" }],
];
/** What the documents leave open. */
const HABITS = {
  charging: ["documented", "pay-per-result", "pay-per-poll", "omit"],
  unfinished: ["null-fields", "null-data", "signature-not-exist"],
  region: ["region-wrong", "parameter-error"],
};

export async function load() {
  const faults = await get("faults");
  const planned = faults.planned.map((plan) => card(`${plan.endpoint}: ${plan.code}`, `the next ${plan.times}`));
  const standing = faults.standing.map((fault) => {
    const [kind, value] = Object.entries(fault.effect)[0];
    const what = value.code ?? (typeof value === "object" ? JSON.stringify(value) : value);
    const when = typeof fault.when === "string" ? fault.when : Object.entries(fault.when)[0].join(" ");
    return card(`${fault.endpoint ?? "every call"}: ${kind} ${what}`, `${when} · ${fault.hit} of ${fault.seen} so far`);
  });
  list("faults", [...planned, ...standing]);
  const habits = Object.entries(HABITS).map(([name, values]) => {
    const choose = (event) => plan({ [name]: event.target.value });
    const select = element("select", { id: `habit-${name}`, change: choose }, ...values.map((value) => option(value, value, faults.behaviour[name] === value)));
    return element("p", { class: "field" }, element("label", { for: `habit-${name}` }, name), select);
  });
  if (!one("#habits").contains(document.activeElement)) one("#habits").replaceChildren(...habits);
}

const card = (what, when) => element("li", {}, element("span", { class: "mono" }, what), element("span", { class: "note" }, when));

const plan = async (faults) => {
  if (await act("POST", "faults", faults)) await load();
};

export function start() {
  one("#fault-effect").replaceChildren(...EFFECTS.map(([text], at) => option(at, text)));
  one("#faults-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const fault = { ...EFFECTS[Number(one("#fault-effect").value)][1] };
    const call = one("#fault-call").value;
    if (call) fault.endpoint = call;
    const [kind, number] = one("#fault-when").value.split(" ");
    if (kind) fault[kind] = Number(number);
    plan({ plan: [fault] });
  });
  one("#faults-clear").addEventListener("click", async () => {
    if (await act("DELETE", "faults")) await load();
  });
  one("#revoke").addEventListener("click", () => plan({ revokeTokens: true }));
}
