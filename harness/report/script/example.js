"use strict";
// One example: the question, the golden answers, what the models gave, and the article.

const LEGEND = {
  answer: [["evidence", "golden evidence"], ["answer", "golden answer"], ["span", "answer of the row with this number"]],
  summarize: [
    ["shared-1", "a word of the best reference"], ["shared-2", "two in a row"], ["shared-3", "three"],
    ["shared-4", "four and more"], ["number", "number, name or quote that the article does not have"],
  ],
};

/**
 * @param {Chunk} chunk
 * @param {Example} example
 * @param {Group} group
 * @returns {Node[]}
 */
function exampleView(chunk, example, group) {
  const source = chunk.sources[example.article];
  const title = example.question ?? source?.title ?? example.id;
  const about = [
    example.id, example.kind, example.answerable === false ? "not answerable" : null,
    example.words ? `${example.words[0]} to ${example.words[1]} words asked for` : null,
  ];
  const cards = example.outputs.map((one) =>
    outputCard(one, group, example.before.find((other) => other.model === one.model), source, example));
  return [
    element("h3", { id: "example-title" }, title),
    element("p", { class: "aside" },
      `${about.filter((one) => one !== null).join(" · ")} · `,
      element("a", { href: link(group.id, example.id) }, "link to this example")),
    legend(group, example),
    element("div", { class: "sides" },
      element("div", { class: "given" }, golden(example, group, source), ...cards),
      sourceView(source, example, group)),
  ];
}

/**
 * @param {Example} example
 * @param {Group} group
 * @param {Source | undefined} source
 */
function golden(example, group, source) {
  const box = element("section", { class: "golden" });
  if (example.answerable === null) {
    box.append(element("h4", {}, example.references.length === 1 ? "Reference" : "References"));
    box.append(element("ol", {}, ...example.references.map((text, at) => {
      const judged = example.judged_references[at];
      return element("li", {}, marked({ text, marks: judged?.marks ?? [] }, group),
        readerAnswers(judged?.reader_answers ?? [], example),
        ...(judged?.opinions ?? []).map((said) => judgeOpinions(said, text, source?.text.text ?? "")));
    })));
  } else if (example.references.length) {
    box.append(element("h4", {}, "Golden answers"));
    box.append(element("ul", {}, ...example.references.map((one) => element("li", {}, one))));
  } else {
    box.append(element("h4", {}, "Golden answer"), element("p", {}, "The article does not say."));
  }
  for (const text of example.evidence_missing) {
    box.append(element("p", { class: "aside" }, `Evidence that was not found in the text: “${text}”`));
  }
  return box;
}

/**
 * @param {Source | undefined} source
 * @param {Example} example
 * @param {Group} group
 */
function sourceView(source, example, group) {
  if (!source) return element("p", { class: "fault" }, "The article is not in this page.");
  if (source.text.text === "") return element("p", { class: "aside" }, "The references came without an article.");
  const from = [source.outlet, source.date].filter((one) => one !== null).join(", ");
  return element("section", { class: "source" },
    element("h4", {}, source.title),
    from ? element("p", { class: "aside" }, from) : null,
    element("div", { class: "text", tabindex: "0", role: "region", "aria-label": "The article" },
      marked({ text: source.text.text, marks: example.marks }, group)));
}

/**
 * @param {Group} group
 * @param {Example} example
 */
function legend(group, example) {
  const asked = example.questions.length ? [["answer asked", "acceptable answer to the golden question with this number"]] : [];
  const items = [...LEGEND[group.task], ...asked].map(([name = "", meaning]) =>
    element("li", {},
      element("mark", { class: name }, /span|asked/.test(name) ? element("sup", { class: "whose" }, "1") : null, "words"),
      ` ${meaning}`));
  return element("ul", { class: "legend", "aria-label": "Marks" }, ...items);
}
