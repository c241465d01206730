"""How Sphinx builds the pages: `make docs`."""

import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

project = "golden-harness"
author = "The golden-harness authors"
project_copyright = f"{author}; Apache-2.0"
release = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

extensions = ["myst_parser", "docs.written_from_code"]
# A heading is the anchor that its text makes, as on the sites that show Markdown.
myst_heading_anchors = 3
# A text in a file's table has straight quotation marks.
smartquotes = False

html_theme = "furo"
html_title = f"{project} {release}"
html_copy_source = False
html_show_sourcelink = False
html_use_index = False
