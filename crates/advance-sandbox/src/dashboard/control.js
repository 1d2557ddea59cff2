// The control calls.
import { one } from "./dom.js";

const base = document.body.dataset.control;

function notice(text) {
  const place = one("#notice");
  place.textContent = text;
  place.hidden = !text;
}

async function call(path, init) {
  const reply = await fetch(base + path, init);
  const answer = await reply.json();
  if (!reply.ok) throw new Error(answer.error ?? `HTTP ${reply.status}`);
  return answer;
}

export const get = (path) => call(path);

/** Does something, and says so if it could not be done. Returns whether it was. */
export async function act(method, path, body) {
  try {
    const headers = { "content-type": "application/json" };
    await call(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    notice("");
    return true;
  } catch (error) {
    notice(`${path}: ${error.message}`);
    return false;
  }
}

export const events = () => new EventSource(base + "events");

/** The page of a verification, by its short address. */
export const pageOf = (id) => `${base}../s/${encodeURIComponent(id)}`;
