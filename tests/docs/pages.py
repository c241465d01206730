"""The pages' blocks of code, each with what the comment above it says is done with it."""

from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parent.parent.parent
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
]

# What can be run or read. `text` is what is only looked at.
RUN = ("sh", "python")
READ = ("toml", "yaml", "json")
LOOKED_AT = ("text",)


@dataclass(frozen=True)
class Block:
    """A block of code: where it stands, its language, and the comment above it ("" for none)."""

    page: Path
    line: int
    language: str
    content: str
    note: str

    @property
    def where(self) -> str:
        """Where it stands, for messages."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path) -> list[Block]:
    """Return the blocks of a page in order, without what Sphinx itself reads: `{toctree}`."""
    found = []
    note = ""
    for token in MarkdownIt().parse(page.read_text(encoding="utf-8")):
        if token.type in ("fence", "code_block") and not token.info.startswith("{"):
            line = token.map[0] + 1 if token.map else 0
            found.append(Block(page, line, token.info, token.content, note))
        note = ""
        if token.type == "html_block" and token.content.strip().startswith("<!--"):
            note = token.content.strip().removeprefix("<!--").removesuffix("-->").strip()
    return found


def code_spans(page: Path) -> list[str]:
    """Return what stands between backticks on a page, a line break in it as a space."""
    tokens = MarkdownIt().enable("table").parse(page.read_text(encoding="utf-8"))
    inline = [child for token in tokens for child in token.children or ()]
    return [child.content for child in inline if child.type == "code_inline"]


ALL = [block for page in PAGES for block in blocks(page)]


def assert_printed(block: Block, printed: str) -> None:
    """Each line of the block was printed, in this order; "..." stands for any lines."""
    lines = iter(line.rstrip() for line in printed.splitlines())
    for line in block.content.splitlines():
        if line.strip() not in ("", "..."):
            assert line.rstrip() in lines, f"{block.where}: was not printed: {line}"
