"use strict";
// The list of examples, a page at a time, and the way from one example to the next.

const PAGE_LENGTH = 50;

const control = {
  group: byId("list-group", HTMLSelectElement),
  model: byId("list-model", HTMLSelectElement),
  other: byId("list-other", HTMLSelectElement),
  order: byId("list-order", HTMLSelectElement),
  show: byId("list-show", HTMLSelectElement),
  find: byId("list-find", HTMLInputElement),
};
const list = byId("list", HTMLOListElement);

/** @type {{positions: number[], first: number, open: number | null}} */
const listed = { positions: [], first: 0, open: null };

/** @returns {Wish | null} */
function wish() {
  const group = groupOf(control.group.value);
  if (!group) return null;
  return {
    group,
    model: Number(control.model.value),
    other: Number(control.other.value),
    order: control.order.value,
    show: control.show.value,
    find: control.find.value,
  };
}

/** Fill the choices of models for the chosen group: the best model, and what to hold it against. */
function chooseModels() {
  const group = groupOf(control.group.value);
  if (!group) return;
  const given = group.rows
    .map((row, index) => ({ row, index }))
    .filter(({ index }) => group.examples.scores[index]);
  /** @type {[string, string][]} */
  const named = given.map(({ row, index }) => [String(index), row.model]);
  const model = (given.find(({ row }) => row.role === "model") ?? given[0])?.index ?? 0;
  const rest = given.filter(({ index }) => index !== model);
  const other = (rest.find(({ row }) => row.role !== "oracle") ?? rest[0])?.index ?? model;
  const base = group.examples.before !== null;
  choices(control.model, named, String(model));
  choices(control.other, base ? [[String(BASE), "itself, before"], ...named] : named, String(base ? BASE : other));
}

function relist() {
  const now = wish();
  if (!now) return;
  listed.positions = ordered(now);
  listed.first = 0;
  draw();
}

/** Draw the page of the list, and the counts. */
function draw() {
  const now = wish();
  if (!now) return;
  const { group } = now;
  const total = listed.positions.length;
  const shown = listed.positions.slice(listed.first, listed.first + PAGE_LENGTH);
  const difference = lead(now);
  list.start = listed.first + 1;
  list.replaceChildren(...shown.map((at) => item(group, now, at, difference(at))));
  byId("list-count", HTMLParagraphElement).textContent =
    total === 1 ? "1 example" : `${total.toLocaleString("en")} examples`;
  byId("list-page", HTMLSpanElement).textContent = total
    ? `${listed.first + 1} to ${listed.first + shown.length}` : "none";
  byId("list-back", HTMLButtonElement).disabled = listed.first === 0;
  byId("list-on", HTMLButtonElement).disabled = listed.first + PAGE_LENGTH >= total;
}

/**
 * @param {Group} group
 * @param {Wish} now
 * @param {number} at
 * @param {number | null} difference
 */
function item(group, now, at, difference) {
  const id = group.examples.ids[at] ?? "";
  const score = group.examples.scores[now.model]?.[at];
  const failed = group.examples.failed[now.model]?.includes(at);
  const numbers = failed ? "failed" : `${points(score)} · ${signed(difference)}`;
  const made = element("a", { href: link(group.id, id) },
    element("span", { class: "title" }, group.examples.titles[at] ?? id),
    element("span", { class: "numbers" }, numbers));
  if (at === listed.open) made.setAttribute("aria-current", "true");
  return element("li", {}, made);
}

/**
 * Mark an example as the open one, and bring it into the list's page if it is listed.
 * @param {number} at
 */
function openInList(at) {
  listed.open = at;
  const place = listed.positions.indexOf(at);
  if (place >= 0) listed.first = place - (place % PAGE_LENGTH);
  draw();
}

/**
 * The example before or after one in the list, as a link, or null at an end.
 * @param {number} at
 * @param {1 | -1} step
 */
function beside(at, step) {
  const now = wish();
  const place = listed.positions.indexOf(at);
  const next = place < 0 ? listed.positions[0] : listed.positions[place + step];
  const id = next === undefined ? undefined : now?.group.examples.ids[next];
  return now && id !== undefined ? link(now.group.id, id) : null;
}

control.group.addEventListener("change", () => {
  listed.open = null;
  chooseModels();
  relist();
});
for (const one of [control.model, control.other, control.order, control.show]) {
  one.addEventListener("change", relist);
}
control.find.addEventListener("input", relist);
for (const [id, step] of /** @type {[string, number][]} */ ([["list-back", -PAGE_LENGTH], ["list-on", PAGE_LENGTH]])) {
  byId(id, HTMLButtonElement).addEventListener("click", () => {
    listed.first += step;
    draw();
  });
}
