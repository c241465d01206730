"use strict";
// Elements are made here alone, and texts go into them as text: nothing parses a text as markup.

/**
 * Make an element.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string>} attributes
 * @param {...(Node | string | null)} children null is left out
 * @returns {HTMLElementTagNameMap[K]}
 */
function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.filter((one) => one !== null));
  return made;
}

/**
 * Content that is shown when its title is clicked.
 * @param {string} title
 * @param {...Node} content
 */
function folded(title, ...content) {
  return element("details", {}, element("summary", {}, title), ...content);
}

/**
 * Find an element of the page's own template, which is there.
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} kind
 * @returns {T}
 */
function byId(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`no #${id}`);
  return found;
}

/**
 * Fill a list of choices.
 * @param {HTMLSelectElement} select
 * @param {[value: string, label: string][]} choices
 * @param {string} chosen
 */
function choices(select, choices, chosen) {
  select.replaceChildren(...choices.map(([value, label]) => element("option", { value }, label)));
  select.value = chosen;
}

/**
 * Tell a screen reader something that others see.
 * @param {string} text
 */
function say(text) {
  byId("said", HTMLDivElement).textContent = text;
}
