"""A suite in Hindi: one article with two references and a question."""

from pathlib import Path

ARTICLE = """महापौर ने मंगलवार को पुराना पुल खोला। मरम्मत में ग्यारह सप्ताह लगे।
नगर ने 2024 में काम के लिए धन दिया। लोग नदी के किनारे जमा हुए।
"""
GOLDEN = """article: pul
author: e
date: 2026-01-01
version: 1
references: ["महापौर ने ग्यारह सप्ताह बाद पुराना पुल खोला।", "पुराना पुल मंगलवार को खुल गया।"]
questions:
  - {id: q, kind: what, text: "महापौर ने क्या खोला?", answers: ["पुराना पुल"]}
"""


def suite(folder: Path, manifest: str, article: str = "") -> Path:
    """Write the suite, with more keys of the manifest and of its article."""
    (folder / "seeds").mkdir(parents=True)
    (folder / "goldens").mkdir()
    (folder / "seeds" / "pul.txt").write_text(ARTICLE, encoding="utf-8")
    (folder / "seeds" / "manifest.toml").write_text(
        f'{manifest}\n[[article]]\nid = "pul"\nfile = "pul.txt"\n{article}', encoding="utf-8"
    )
    (folder / "goldens" / "pul.yaml").write_text(GOLDEN, encoding="utf-8")
    return folder
