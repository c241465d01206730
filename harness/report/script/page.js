"use strict";
// The page's data, and numbers as the page writes them.

/** @type {Page} */
const page = JSON.parse(byId("page", HTMLScriptElement).text);

/**
 * @param {string} id
 * @returns {Group | undefined}
 */
function groupOf(id) {
  return page.groups.find((one) => one.id === id);
}

/**
 * A score in points.
 * @param {number | null | undefined} score
 */
function points(score) {
  return score === null || score === undefined ? "–" : (100 * score).toFixed(1).replace("-", "−");
}

/**
 * A difference in points, with its sign.
 * @param {number | null} difference
 */
function signed(difference) {
  if (difference === null) return "–";
  const text = (100 * difference).toFixed(1);
  if (Number(text) === 0) return "0.0";
  return difference > 0 ? `+${text}` : text.replace("-", "−");
}

/**
 * How an example's link ends: "#answer/first/q1".
 * @param {string} group
 * @param {string} id
 */
function link(group, id) {
  return `#${group}/${encodeURIComponent(id).replaceAll("%2F", "/")}`;
}
