"""Who was asked about the summaries, and how far that can be believed."""

from collections.abc import Iterator

from harness.leaderboard.judge_line import JudgeLine
from harness.leaderboard.leaderboard import Leaderboard
from harness.leaderboard.printing.judges.preference_tables import preference_text
from harness.leaderboard.printing.place_notes import place_notes
from harness.metrics.agreement.figures import agreement_text
from harness.tables.table import Note


def judge_notes(board: Leaderboard) -> Iterator[Note]:
    """Yield what is to be known of the reader and the judges, or why there is no reader."""
    if board.no_judge:
        yield Note(f"No coverage: {board.no_judge}.")
    for judge in board.judges:
        yield Note(_reader_text(judge) if judge.role == "reader" else _judge_text(judge, board))
        judged = f"judgments of {judge.name}"
        yield from map(Note, place_notes([(judged, judge.environments)]))
        for caution in judge.cautions:
            yield Note(f"{judge.name}: {caution}", "warning")
        if judge.failed:
            yield Note(
                f"{judge.name}: {judge.failed:,} of {judge.calls:,} judgments failed; a summary "
                "lacks what needs one of them.",
                "warning",
            )


def _judge_text(judge: JudgeLine, board: Leaderboard) -> str:
    """Return what a judge's measures rest on, what it took, and what it sees made worse."""
    took = f"{judge.calls:,} judgments in {judge.seconds:.1f} s"
    took += "" if judge.tokens is None else f", {judge.tokens:,} tokens"
    took += "" if judge.cost is None else f", at a cost of {judge.cost:.4g}"
    known = [measure for measure in judge.measures if measure in board.metrics]
    measures = f"{', '.join(known)}: by the judge" if known else "The judge"
    text = f"{measures} {judge.name} ({judge.kind}), {took}."
    for measure in known:
        figures = board.metrics[measure].agreement
        text += f" {measure}: {agreement_text(figures, short=True)}."
        line = judge.length.get(measure)
        if line and line.spearman is not None:
            text += f" {measure} goes with the number of words by {line.spearman:+.2f} (Spearman)."
        if seen := _seen_text(measure, board):
            text += f" Of references made worse {measure} sees {seen}."
    return f"{text} {preference_text(judge)}".rstrip()


def _seen_text(measure: str, board: Leaderboard) -> str:
    """Return of which share of the references that were made worse a measure says so, each way."""
    worse_is_higher = (
        measure in board.metrics and board.metrics[measure].declaration.direction == "lower"
    )
    return ", ".join(
        f"{title} {100 * (line.higher if worse_is_higher else line.lower):.0f} % of {line.n}"
        for title, lines in board.canaries.items()
        if (line := lines.get(measure))
    )


def _reader_text(judge: JudgeLine) -> str:
    """Return who the reader is, and what it gets from the whole articles and from nothing."""
    text = (
        f"coverage: what {judge.name} answers from a summary alone, by F1 over the golden "
        "questions; above lead: less what it answers from the article's first words, as many as "
        "the summary has."
    )
    whole, nothing = judge.on_article.get("article"), judge.on_nothing.get("article")
    if whole and whole.coverage is not None:
        text += f" From the whole articles it gets {100 * whole.coverage:.1f}"
        if nothing and nothing.coverage is not None:
            text += f", from an empty text {100 * nothing.coverage:.1f}"
        text += "."
    return text
