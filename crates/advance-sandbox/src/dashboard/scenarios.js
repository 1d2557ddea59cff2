// The scenarios: names that a tester gives to make something happen.
import { get } from "./control.js";
import { element, list, markdown, one } from "./dom.js";

const SOURCES = { documented: "good", sibling: "wait", guess: "warn" };
let scenarios = [];

/** Name and label of every outcome. */
export const outcomes = () => scenarios.filter((scenario) => scenario.outcome).map((scenario) => [scenario.outcome, scenario.label ?? scenario.outcome]);

function draw() {
  const wanted = one("#scenario-search").value.trim().toLowerCase();
  const shown = scenarios.filter((scenario) => `${scenario.name} ${scenario.help}`.toLowerCase().includes(wanted));
  list("scenarios", shown.map(card));
}

function card(scenario) {
  const place = scenario.place === "userId" ? null : element("span", { class: "note" }, "access key");
  return element(
    "li",
    {},
    element("div", { class: "line" }, element("code", {}, scenario.name), place, element("span", { class: `tag push ${SOURCES[scenario.source] ?? ""}` }, scenario.source)),
    element("p", { class: "note" }, ...markdown(scenario.help)),
  );
}

export async function load() {
  scenarios = await get("scenarios");
  draw();
}

export function start() {
  one("#scenario-search").addEventListener("input", draw);
}
