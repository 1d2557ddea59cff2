// The control calls.
import { one } from "./dom.js";

const base = document.body.dataset.control;

/** Says something at the top of the page, or nothing. */
function notice(text, isGood) {
  const place = one("#notice");
  place.textContent = text;
  place.className = isGood ? "notice good" : "notice";
  place.hidden = !text;
}

async function call(path, init) {
  const reply = await fetch(base + path, init);
  const answer = await reply.json();
  if (!reply.ok) throw new Error(answer.error ?? `HTTP ${reply.status}`);
  return answer;
}

export const get = (path) => call(path);

/** Does something and says what became of it. Returns whether it was done. */
export async function act(method, path, body, done = "") {
  try {
    const headers = { "content-type": "application/json" };
    await call(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    notice(done, true);
    return true;
  } catch (error) {
    notice(`${path}: ${error.message}`);
    return false;
  }
}

export const events = () => new EventSource(base + "events");

/** The page of a verification, by its short address. */
export const pageOf = (id) => `${base}../s/${encodeURIComponent(id)}`;
