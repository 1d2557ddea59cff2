// Making elements. Text only ever becomes text.

export const one = (selector) => document.querySelector(selector);

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key, value);
    else if (value !== undefined && value !== null && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

export const option = (value, text, selected) => element("option", { value, selected }, text);

/** Shows a list, or what to read when it is empty. */
export function list(name, items) {
  one(`#${name}-list`).replaceChildren(...items);
  const empty = one(`#${name}-empty`);
  if (empty) empty.hidden = items.length > 0;
}

/** Text in which `code` is set as such. */
export function markdown(text) {
  return text.split("`").map((part, at) => (at % 2 ? element("code", {}, part) : part));
}

export const clockTime = (ms) => new Date(ms).toISOString().slice(11, 19);
