"use strict";
// A text with its marks, as elements. What is marked is told by shape and words, not by colour.

/** What a mark means to who cannot see it, by the beginning of its name. */
const SPOKEN = new Map([
  ["evidence", "evidence"],
  ["answer", "golden answer"],
  ["number", "number not in the article"],
  ["name", "name not in the article"],
  ["quote", "quote not in the article"],
]);

/**
 * @param {string} says
 * @returns {[word: string, index: number]}
 */
function parts(says) {
  const at = says.indexOf(":");
  return at < 0 ? [says, -1] : [says.slice(0, at), Number(says.slice(at + 1))];
}

/**
 * The text as nodes. Where a model's span, or what it did not see, begins, stand the places of the
 * rows that it is of.
 * @param {Marked} marked
 * @param {Group} group
 * @returns {DocumentFragment}
 */
function marked({ text, marks }, group) {
  const made = document.createDocumentFragment();
  let at = 0;
  /** @type {string[]} */
  let before = [];
  for (const [start, end, says] of marks) {
    if (start > at) before = [];
    made.append(text.slice(at, start));
    made.append(piece(text.slice(start, end), says, before, group));
    before = says;
    at = end;
  }
  made.append(text.slice(at));
  return made;
}

/**
 * @param {string} text
 * @param {string[]} says
 * @param {string[]} before what the mark just before it says
 * @param {Group} group
 */
function piece(text, says, before, group) {
  const words = says.map(parts);
  const classes = words.map(([word, index]) =>
    word === "shared" ? `shared-${index}` : word === "asked" ? "answer asked" : word);
  const made = element("mark", { class: [...new Set(classes)].join(" ") });
  const starts = words.filter((_, position) => !before.includes(says[position] ?? ""));
  const spoken = starts.flatMap(([word]) => SPOKEN.get(word) ?? []);
  if (spoken.length) {
    made.title = spoken.join(", ");
    made.append(element("span", { class: "unseen" }, `[${spoken.join(", ")}] `));
  }
  const rows = [
    ["span", "", "answer of"],
    ["before", "was ", "earlier answer of"],
    ["cut", "✂", "not seen by"],
  ];
  for (const [word, sign, meaning] of rows) {
    const models = starts.filter((one) => one[0] === word).map(([, index]) => index);
    if (!models.length) continue;
    const names = models.map((one) => group.models[one] ?? "");
    const label = `${meaning} ${names.join(", ")}`;
    const places = models.map((one) => one + 1).join(",");
    made.append(numbered(`${sign}${places}`, label));
  }
  const questions = starts.filter(([word]) => word === "asked").map(([, index]) => index + 1);
  if (questions.length) made.append(numbered(questions.join(","), `answer to question ${questions.join(", ")}`));
  made.append(text);
  return made;
}

/**
 * A small number before what is marked, told in words to who cannot see it.
 * @param {string} number
 * @param {string} label
 */
function numbered(number, label) {
  return element("sup", { title: label, class: "whose" },
    element("span", { "aria-hidden": "true" }, number),
    element("span", { class: "unseen" }, `[${label}] `));
}
