"""Who was asked about the summaries, and how far that can be believed."""

from collections.abc import Iterator

from harness.leaderboard.judge_line import JudgeLine
from harness.leaderboard.leaderboard import Leaderboard
from harness.leaderboard.printing.place_notes import place_notes
from harness.tables.table import Note


def judge_notes(board: Leaderboard) -> Iterator[Note]:
    """Yield what is to be known of the reader, or why there is none."""
    if board.no_judge:
        yield Note(f"No coverage: {board.no_judge}.")
    for judge in board.judges:
        yield Note(_judge_text(judge))
        judged = f"judgments of {judge.name}"
        yield from map(Note, place_notes([(judged, judge.environments)]))
        if judge.failed:
            yield Note(
                f"{judge.name}: {judge.failed:,} of {judge.calls:,} judgments failed; a summary "
                "lacks what needs one of them.",
                "warning",
            )


def _judge_text(judge: JudgeLine) -> str:
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
