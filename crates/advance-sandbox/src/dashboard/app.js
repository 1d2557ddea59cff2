// Puts the dashboard together and keeps it fresh.
import * as clock from "./clock.js";
import { act, events } from "./control.js";
import { one } from "./dom.js";
import * as faults from "./faults.js";
import * as ledger from "./ledger.js";
import * as requests from "./requests.js";
import * as scenarios from "./scenarios.js";
import * as verifications from "./verifications.js";

const live = (text, state) => {
  const place = one("#live");
  place.textContent = text;
  place.className = `live ${state}`;
};

async function loadAll() {
  await scenarios.load();
  await Promise.all([requests.load(), verifications.load(), ledger.load(), clock.load(), faults.load()]);
}

/** What a request may have changed. Many requests at once are one look. */
let due = null;
function refresh() {
  due ??= setTimeout(async () => {
    due = null;
    await Promise.allSettled([verifications.load(), ledger.load(), clock.load(), faults.load()]);
  }, 250);
}

function listen() {
  const source = events();
  source.onopen = async () => {
    // The journal has what happened while this page did not listen.
    await loadAll();
    live("Live", "on");
  };
  source.onerror = () => live("The sandbox does not answer; trying again", "off");
  source.onmessage = (message) => {
    const event = JSON.parse(message.data);
    if (event.event === "missed") requests.load();
    if (event.event !== "answered") return;
    // Control calls have the number 0: they are not in the journal. Those that only read, as this page does all the
    // time, change nothing.
    if (event.n > 0) requests.add(event);
    if (event.n > 0 || event.method !== "GET") refresh();
  };
}

for (const part of [requests, clock, faults, scenarios]) part.start();
const TOOLS = {
  snapshot: "Everything as it is now is remembered; Restore brings it back.",
  restore: "Everything is as it was at the snapshot.",
  reset: "Verifications, tokens, faults, requests and charges are forgotten.",
};
for (const [name, done] of Object.entries(TOOLS)) {
  one(`#${name}`).addEventListener("click", async () => {
    if (await act("POST", name, {}, done)) await loadAll();
  });
}
// Time passes without a request, too: links expire, checking ends.
setInterval(refresh, 5000);
listen();
