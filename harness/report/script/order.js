"use strict";
// Which examples are listed, and in what order.

/** @typedef {{group: Group, model: number, other: number, order: string, show: string, find: string}} Wish */

// In place of the other model: the same one in the base, of two runs.
const BASE = -1;

/**
 * The primary scores of the model that is held against.
 * @param {Wish} wish
 */
function otherScores({ group, model, other }) {
  return other === BASE ? (group.examples.before?.[model] ?? null) : (group.examples.scores[other] ?? null);
}

/**
 * How much better the model does than the other, by the example's position; null if not known.
 * @param {Wish} wish
 * @returns {(position: number) => number | null}
 */
function lead(wish) {
  const scores = wish.group.examples.scores[wish.model];
  const others = otherScores(wish);
  return (position) => {
    const a = scores?.[position] ?? null;
    const b = others?.[position] ?? null;
    return a === null || b === null ? null : a - b;
  };
}

/**
 * The positions of the examples that are wished for, in the order that is wished for.
 * @param {Wish} wish
 * @returns {number[]}
 */
function ordered(wish) {
  const { ids, titles, articles, kinds, answerable, failed, cut, scores } = wish.group.examples;
  const difference = lead(wish);
  const failing = new Set(failed[wish.model]);
  const cutting = new Set(cut[wish.model]);
  const wanted = wish.find.trim().toLowerCase();
  /** @type {Record<string, (position: number) => boolean>} */
  const shown = {
    differ: (at) => (difference(at) ?? 0) !== 0,
    failed: (at) => failing.has(at),
    cut: (at) => cutting.has(at),
    answerable: (at) => answerable[at] === true,
    unanswerable: (at) => answerable[at] === false,
  };
  const passes = shown[wish.show] ?? (() => true);
  const found = ids
    .map((_, at) => at)
    .filter(passes)
    .filter((at) => !wanted ||
      [ids[at], titles[at], articles[at], kinds[at]].some((one) => one?.toLowerCase().includes(wanted)));
  const own = scores[wish.model];
  /** @type {Record<string, (position: number) => number | null>} */
  const keys = {
    worst: difference,
    gain: (at) => negative(difference(at)),
    low: (at) => own?.[at] ?? null,
  };
  const key = keys[wish.order];
  if (!key) return found;
  const keyed = found.map((at) => ({ at, key: key(at) ?? Infinity }));
  keyed.sort((a, b) => (a.key === b.key ? a.at - b.at : a.key - b.key));
  return keyed.map(({ at }) => at);
}

/** @param {number | null} value */
function negative(value) {
  return value === null ? null : -value;
}
