"use strict";
// What one model gave for an example: its text, its scores, and what it cost.

/**
 * @param {Output} output
 * @param {Group} group
 * @param {Output | undefined} before the same model's in the base, of two runs
 * @param {Source | undefined} source
 * @param {Example} example
 */
function outputCard(output, group, before, source, example) {
  const row = group.rows[output.model];
  const score = output.scores[group.metric];
  const card = element("section", { class: `output ${row?.role ?? ""}`, "data-output": String(output.model) },
    element("h4", {},
      element("span", { class: "place", title: "its place, which marks its answer in the article" }, String(output.model + 1)),
      ` ${group.models[output.model] ?? ""} `,
      element("span", { class: "score" }, points(score))),
    said(output, group));
  if (before) card.append(element("div", { class: "earlier" },
    element("p", { class: "aside" }, `Before: ${points(before.scores[group.metric])}`), said(before, group)));
  card.append(facts(output, group));
  const asked = readerAnswers(output.reader_answers, example);
  if (asked) card.append(asked);
  for (const said of output.opinions) card.append(judgeOpinions(said, output.text.text, source?.text.text ?? ""));
  for (const pairs of pairOpinions(output.pairs)) card.append(pairs);
  if (output.sentences.length) {
    const items = output.sentences.map((one) => borneOut(one, output.text.text, source?.text.text ?? ""));
    card.append(folded("Where the article bears it out", element("ol", { class: "borne-out" }, ...items)));
  }
  if (output.raw) card.append(folded("Output as it came", element("pre", { tabindex: "0" }, output.raw)));
  if (output.candidates.length) {
    const items = output.candidates.map((one) => element("li", {}, `${one.text || "(no answer)"}: ${one.score.toPrecision(3)}`));
    card.append(folded("Its best answers", element("ol", {}, ...items)));
  }
  const prompt = row?.prompt ? page.how.prompts[row.prompt.sha256] : undefined;
  if (prompt) card.append(folded(`Prompt: ${prompt.name}, version ${prompt.version}`, ...prompt.messages.map(message)));
  return card;
}

/**
 * @param {Output} output
 * @param {Group} group
 */
function said(output, group) {
  if (output.missing) return element("p", { class: "fault" }, "There is no prediction: it counts as 0.");
  if (output.error !== null) return element("p", { class: "fault" }, `Failed, and is in no mean: ${output.error}`);
  if (output.text.text === "") {
    return element("p", { class: "text empty" }, group.task === "answer" ? "The article does not say." : "(nothing)");
  }
  return element("p", { class: "text" }, marked(output.text, group));
}

/**
 * A sentence, and the place in the article that bears it out best.
 * @param {Output["sentences"][number]} sentence
 * @param {string} summary
 * @param {string} article
 */
function borneOut({ start, end, support, source_start: from, source_end: to }, summary, article) {
  return element("li", {},
    element("span", { class: "score" }, points(support)), ` ${summary.slice(start, end)}`,
    from === null || to === null
      ? element("p", { class: "aside" }, "No word of it stands in the article.")
      : element("blockquote", {}, article.slice(from, to)));
}

/**
 * A score of a metric: of a share in points, of another as it is.
 * @param {string} name
 * @param {number} score
 * @param {Group} group
 */
function scoreText(name, score, group) {
  const row = group.rows[0];
  const value = row && [row.primary, ...row.secondary].find((one) => one.metric === name);
  if (value?.is_difference) return signed(score);
  return !value || value.is_share ? points(score) : String(Number(score.toFixed(1)));
}

/**
 * @param {Output} output
 * @param {Group} group
 */
function facts(output, group) {
  const others = Object.entries(output.scores).filter(([name]) => name !== group.metric);
  /** @type {[string, string | null][]} */
  const told = [
    ["Other scores", others.map(([name, score]) => `${name} ${scoreText(name, score, group)}`).join(", ") || null],
    ["Where", output.span?.told ?? null],
    ["Not in the article", output.unsupported.map((one) => `${one.what} “${one.text}”`).join(", ") || null],
    ["Marked against", output.best_reference === null ? null : `reference ${output.best_reference + 1}`],
    ["Not seen", output.cut.map((one) => `${(100 * one.share).toFixed(0)} % of ${one.article}`).join(", ") || null],
    ["Read", tokens(output)],
    ["Wrote", output.output_tokens === null ? null : `${output.output_tokens} tokens`],
    ["Took", output.seconds === null ? null : `${output.seconds.toFixed(output.seconds < 1 ? 3 : 1)} s`],
    ["Confidence", output.confidence === null ? null : output.confidence.toPrecision(3)],
    ["No answer", output.no_answer_probability === null ? null : `probability ${output.no_answer_probability.toPrecision(3)}`],
    ["Windows", output.windows === null ? null : String(output.windows)],
    ["Stopped by", output.finish],
    ["Served by", output.served_by],
    ["Price", output.price === null ? null : String(output.price)],
  ];
  const list = element("dl", { class: "facts small" });
  for (const [name, text] of told) {
    if (text !== null) list.append(element("dt", {}, name), element("dd", {}, text));
  }
  return list;
}

/** @param {Output} output */
function tokens({ source_tokens: all, kept_tokens: kept }) {
  if (all === null) return null;
  return kept !== null && kept < all ? `${kept} of ${all} tokens` : `${all} tokens`;
}

/** @param {Message} sent */
function message(sent) {
  const pieces = sent.pieces.map((one) =>
    one.field === null ? one.text : element("span", { class: "field" }, one.field));
  return element("div", { class: "message" }, element("h5", {}, sent.role), element("pre", { tabindex: "0" }, ...pieces));
}
