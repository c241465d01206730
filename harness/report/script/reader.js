"use strict";
// What a reader answered to the golden questions from one summary.

/** @type {[verdict: Verdict, heading: string][]} */
const VERDICTS = [
  ["right", "Answered"],
  ["in part", "Answered in part"],
  ["wrong", "Answered wrongly"],
  ["left out", "Left out"],
  ["made up", "Made up: the article does not say"],
  ["silent", "Rightly not answered: the article does not say"],
  ["failed", "Not judged: the reader failed"],
];

/**
 * The questions that a summary answers, answers wrongly and leaves out, folded; null without any.
 * @param {ReaderAnswer[]} answers
 * @param {Example} example
 */
function readerAnswers(answers, example) {
  if (!answers.length) return null;
  const sections = VERDICTS.flatMap(([verdict, heading]) => {
    const own = answers.filter((one) => one.verdict === verdict);
    if (!own.length) return [];
    const items = own.map((one) => questionItem(one, example));
    return [element("h5", {}, `${heading} (${own.length})`), element("ol", {}, ...items)];
  });
  const told = element("p", { class: "aside" },
    `${example.reader ?? ""} was asked these from this text alone. Small numbers mark acceptable answers that stand in it, and in the article.`);
  const view = folded(`Golden questions: ${counted(answers)}`, told, ...sections);
  view.className = "asked";
  return view;
}

/**
 * How many questions came out how, in words.
 * @param {ReaderAnswer[]} answers
 */
function counted(answers) {
  /** @param {Verdict[]} verdicts */
  const count = (...verdicts) => answers.filter((one) => verdicts.includes(one.verdict)).length;
  const answerable = count("right", "in part", "wrong", "left out");
  const parts = count("in part");
  return [
    answerable ? `${count("right", "in part")} of ${answerable} answered${parts ? ` (${parts} in part)` : ""}` : null,
    answerable ? `${count("wrong")} wrongly` : null,
    answerable ? `${count("left out")} left out` : null,
    count("made up", "silent") ? `${count("made up")} of ${count("made up", "silent")} made up` : null,
    count("failed") ? `${count("failed")} not judged` : null,
  ].filter((one) => one !== null).join(", ");
}

/**
 * @param {ReaderAnswer} answer
 * @param {Example} example
 */
function questionItem({ question, verdict, answer, f1, told }, example) {
  const asked = example.questions[question];
  const accepted = asked?.answers.join(" | ") ?? "";
  const graded = verdict === "in part" || verdict === "wrong";
  return element("li", { value: String(question + 1) },
    `${asked?.question ?? ""}${asked?.weight ? ` (weighs ${asked.weight})` : ""}`,
    element("div", { class: "aside" },
      accepted ? `Accepted: ${accepted}${told ? " (stands in it)" : ""}` : null,
      answer ? element("div", {}, `Reader: ${answer}`, graded ? ` (F1 ${points(f1)})` : null) : null));
}
