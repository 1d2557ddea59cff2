// What the replies cost.
import { get } from "./control.js";
import { element, one } from "./dom.js";

export async function load() {
  const ledger = await get("ledger");
  const row = (name, prices) =>
    element("tr", {}, element("th", { scope: "row" }, name), ...["FREE", "PAY", "UNSTATED"].map((price) => element("td", {}, String(prices[price]))));
  const calls = Object.entries(ledger).filter(([, value]) => typeof value === "object");
  one("#ledger-rows").replaceChildren(...calls.map(([name, prices]) => row(name, prices)), row("in all", ledger));
}
