"use strict";
// What judges said of one summary, claim by claim.

/**
 * What a judge said of a text, folded.
 * @param {JudgeSaid} said
 * @param {string} text
 * @param {string} article
 */
function judgeOpinions({ judge, claims }, text, article) {
  const items = claims.map((claim) => claimItem(claim, text, article));
  const view = folded(`What ${judge} says`, element("ol", { class: "opinions" }, ...items));
  view.className = "asked";
  return view;
}

/**
 * @param {ClaimSaid} claim
 * @param {string} text
 * @param {string} article
 */
function claimItem(claim, text, article) {
  if (claim.error !== null) return element("li", { class: "fault" }, `${claim.name}: not judged: ${claim.error}`);
  const numbers = Object.entries(claim.numbers).filter(([name]) => name !== "tokens");
  const told = numbers.map(([name, value]) => `${name} ${value.toPrecision(3)}`).join(", ");
  const from = claim.source_start, to = claim.source_end;
  const unnamed = claim.name === "whole" || claim.name in claim.numbers;
  const about = claim.name.startsWith("sentence:") ? text.slice(claim.start, claim.end) : unnamed ? "" : claim.name;
  return element("li", {},
    element("span", { class: "score" }, told), told && about ? ` ${about}` : about,
    claim.name === "whole" ? spansOf(claim, text) : null,
    claim.said === null ? null : element("p", { class: "aside" }, claim.said),
    from === null || to === null ? null : element("blockquote", {}, article.slice(from, to)));
}

/**
 * The places of a text that a judge marked as not borne out.
 * @param {ClaimSaid} claim
 * @param {string} text
 */
function spansOf({ spans }, text) {
  if (!spans.length) return "All of it is borne out.";
  const marked = spans.map(([start, end, probability]) =>
    element("li", {}, element("mark", {}, text.slice(start, end)), ` ${probability.toPrecision(3)}`));
  return element("div", {}, "Not borne out:", element("ul", {}, ...marked));
}

/**
 * What each judge said of a text beside others, folded.
 * @param {PairSaid[]} pairs
 */
function pairOpinions(pairs) {
  const judges = [...new Set(pairs.map((one) => one.judge))];
  return judges.map((judge) => {
    const own = pairs.filter((one) => one.judge === judge);
    const view = folded(`Which of two ${judge} prefers`, element("ol", { class: "opinions" }, ...own.map(pairItem)));
    view.className = "asked";
    return view;
  });
}

/**
 * How a pair came out, in words.
 * @param {number} wins
 * @param {string} against
 */
function outcome(wins, against) {
  if (wins === 1) return `won against ${against}`;
  if (wins === 0) return `lost to ${against}`;
  return wins === 0.5 ? `even with ${against}` : `${points(wins)} % of a win against ${against}`;
}

/** @param {PairSaid} pair */
function pairItem({ against, wins, changed, reasons, errors }) {
  const faults = errors.filter((one) => one !== null);
  if (wins === null) return element("li", { class: "fault" }, `against ${against}: not judged: ${faults.join("; ")}`);
  const said = [["first", reasons[0]], ["second", reasons[1]]].filter(([, reason]) => reason !== null);
  return element("li", {},
    outcome(wins, against),
    changed ? element("p", { class: "aside" }, "Who wins changed with the order.") : null,
    ...said.map(([place, reason]) => element("p", { class: "aside" }, `Shown ${place}: ${reason}`)));
}
