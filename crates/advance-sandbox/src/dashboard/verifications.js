// The verifications and how each stands; one that waits can be ended here.
import { act, get, pageOf } from "./control.js";
import { clockTime, element, list, one, option } from "./dom.js";
import { outcomes } from "./scenarios.js";

const STATES = { waiting: "wait", checking: "warn", finished: "good", delivered: "good", expired: "bad" };
const chosen = new Map();

export async function load() {
  const all = await get("verifications?count=100");
  // What somebody is about to choose must not vanish under their hands.
  if (one("#verifications-list").contains(document.activeElement) && document.activeElement.tagName === "SELECT") return;
  one("#verifications-count").textContent = all.length ? String(all.length) : "";
  list("verifications", all.map(card));
}

function card(verification) {
  const id = verification.signatureId;
  const ended = verification.outcome;
  const choose = element(
    "select",
    { "aria-label": `How ${id} ends`, change: (event) => chosen.set(id, event.target.value) },
    ...outcomes().map(([name, label]) => option(name, label, (chosen.get(id) ?? ended ?? "ok") === name)),
  );
  const finish = async () => {
    if (await act("POST", `verifications/${encodeURIComponent(id)}`, { outcome: choose.value })) {
      chosen.delete(id);
      finishButton.blur();
      await load();
    }
  };
  const finishButton = element("button", { type: "button", click: finish }, "Finish");
  const facts = [
    verification.userId && `userId ${verification.userId}`,
    `began ${clockTime(verification.beganMs)}`,
    `${verification.polls} ${verification.polls === 1 ? "poll" : "polls"}`,
    ended && `ends as ${ended}`,
  ];
  return element(
    "li",
    {},
    element(
      "div",
      { class: "line" },
      element("span", { class: `tag ${STATES[verification.state] ?? ""}` }, verification.state),
      element("a", { class: "mono", href: pageOf(id) }, id),
      element("span", { class: "note" }, facts.filter(Boolean).join(" · ")),
    ),
    element("div", { class: "line" }, choose, finishButton),
  );
}
