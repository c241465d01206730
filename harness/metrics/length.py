"""How long a text is, beside what longer texts get more of."""

import math
from unicodedata import unidata_version

from harness.metrics.declaration import Declaration

WORDS = "words"

# How `harness.text.words` counts.
COUNTING = f"words:harness-1-ucd-{unidata_version}"
SIGNATURE = f"{WORDS}|count|{COUNTING}|harness-1"

DECLARATION = Declaration(0, math.inf, "neither", "shown")
