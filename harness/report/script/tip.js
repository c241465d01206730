"use strict";
// What a number depends on: told when it is pointed at, focused, or touched. In a table one number
// can be reached with Tab, and the arrow keys go from there.

const tip = byId("tip", HTMLDivElement);

/** @param {HTMLElement} figure */
function showTip(figure) {
  tip.textContent = figure.dataset["tip"] ?? "";
  tip.hidden = false;
  const at = figure.getBoundingClientRect();
  const left = Math.min(at.left, document.documentElement.clientWidth - tip.offsetWidth - 8);
  const below = at.bottom + 6;
  const fits = below + tip.offsetHeight < document.documentElement.clientHeight;
  tip.style.left = `${Math.max(left, 8)}px`;
  tip.style.top = `${fits ? below : Math.max(at.top - tip.offsetHeight - 6, 8)}px`;
  figure.setAttribute("aria-describedby", "tip");
}

function hideTip() {
  tip.hidden = true;
  for (const one of document.querySelectorAll("[aria-describedby=tip]")) {
    one.removeAttribute("aria-describedby");
  }
}

/**
 * @param {Event} event
 * @returns {HTMLElement | null}
 */
function figureOf(event) {
  const found = event.target instanceof Element ? event.target.closest(".figure") : null;
  return found instanceof HTMLElement ? found : null;
}

/**
 * The number next to another, of those that are shown.
 * @param {HTMLElement} figure
 * @param {string} key
 * @returns {HTMLElement | undefined}
 */
function neighbour(figure, key) {
  const cell = figure.closest("td");
  const row = figure.closest("tr");
  const body = figure.closest("tbody");
  if (!cell || !row || !body) return undefined;
  /** @type {HTMLElement[]} */
  const line =
    key === "ArrowLeft" || key === "ArrowRight"
      ? [...row.querySelectorAll("td")]
      : [...body.rows].flatMap((one) => one.querySelectorAll("td")[cell.cellIndex - 1] ?? []);
  const shown = line
    .map((one) => one.querySelector(".figure"))
    .filter((one) => one instanceof HTMLElement)
    .filter((one) => one === figure || one.offsetParent !== null);
  return shown[shown.indexOf(figure) + (key === "ArrowLeft" || key === "ArrowUp" ? -1 : 1)];
}

document.addEventListener("mouseover", (event) => {
  const figure = figureOf(event);
  if (figure) showTip(figure);
});
document.addEventListener("mouseout", (event) => {
  if (figureOf(event)) hideTip();
});
document.addEventListener("focusin", (event) => {
  const figure = figureOf(event);
  if (figure) showTip(figure);
  else hideTip();
});
document.addEventListener("focusout", hideTip);
document.addEventListener("click", (event) => {
  const figure = figureOf(event);
  if (figure) showTip(figure);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") hideTip();
  const figure = figureOf(event);
  if (!figure || !event.key.startsWith("Arrow")) return;
  event.preventDefault();
  const next = neighbour(figure, event.key);
  if (!next) return;
  figure.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
});

for (const table of document.querySelectorAll("table")) {
  const figures = /** @type {NodeListOf<HTMLElement>} */ (table.querySelectorAll(".figure"));
  figures.forEach((one, position) => {
    one.tabIndex = position === 0 ? 0 : -1;
  });
}
