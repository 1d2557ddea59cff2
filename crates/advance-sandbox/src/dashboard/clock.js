// The sandbox's clock, shown as it runs.
import { act, get } from "./control.js";
import { one } from "./dom.js";

let clock = null;
let heard = 0;

const now = () => (clock.frozen ? clock.nowMs : clock.nowMs + (performance.now() - heard) * clock.speed);
const text = (ms) => `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} UTC`;

function tick() {
  if (clock) one("#clock-now").textContent = text(now());
}

export async function load() {
  clock = await get("clock");
  heard = performance.now();
  const ahead = Math.round((clock.nowMs - clock.realMs) / 1000);
  const parts = [clock.frozen ? "stands still" : clock.speed === 1 ? "runs" : `runs ${clock.speed} times as fast`];
  parts.push(ahead === 0 ? "real time" : `${Math.abs(ahead).toLocaleString("en")} s ${ahead > 0 ? "ahead of" : "behind"} real time`);
  one("#clock-state").textContent = parts.join(", ");
  one("#freeze").textContent = clock.frozen ? "Let it run" : "Freeze";
  tick();
}

const move = async (moves) => {
  if (await act("POST", "clock", moves)) await load();
};

export function start() {
  for (const button of document.querySelectorAll("[data-advance]")) {
    button.addEventListener("click", () => move({ advanceMs: Number(button.dataset.advance) }));
  }
  one("#freeze").addEventListener("click", () => move({ freeze: !clock.frozen }));
  one("#real").addEventListener("click", () => move({ reset: true }));
  one("#clock-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const moves = { speed: Number(one("#speed").value) };
    const chosen = one("#clock-set").value;
    if (chosen) moves.nowMs = Date.parse(`${chosen}Z`);
    move(moves);
  });
  setInterval(tick, 250);
}
