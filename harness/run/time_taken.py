"""How long a model took for what the store has of it."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.files import canonical_json, sha256
from harness.run.store import connect_to_read
from harness.run.store_failure import store_failure

_SUMS = """
SELECT count(*),
       total(json_extract(prediction, '$.seconds')),
       total(json_extract(prediction, '$.prompt_tokens'))
       + total(json_extract(prediction, '$.output_tokens'))
FROM predictions
WHERE identity = ? AND json_valid(prediction) AND json_extract(prediction, '$.error') IS NULL
"""


@dataclass(frozen=True, slots=True)
class TimeTaken:
    """How many predictions did not fail, the seconds of all of them, and the tokens if counted."""

    count: int
    seconds: float
    tokens: int

    def expected(self, calls: float, tokens: float) -> float | None:
        """Return how many seconds so much more would take: by its tokens, or by calls.

        `None` where nothing was made yet that it could be told by.

        >>> TimeTaken(2, 10.0, 100).expected(1, 20), TimeTaken(2, 10.0, 0).expected(1, 20)
        (2.0, 5.0)
        """
        if not self.count:
            return None
        if self.tokens and tokens:
            return self.seconds / self.tokens * tokens
        return self.seconds / self.count * calls


def time_taken(store: Path, identity: Mapping[str, object]) -> TimeTaken:
    """Return how long a model of an identity took for what is stored of it.

    Of a store that is not there it is nothing. Raises StoreError for one that cannot be read.
    """
    try:
        db = connect_to_read(store)
        try:
            row = db.execute(_SUMS, (sha256(canonical_json(identity)),)).fetchone()
        finally:
            db.close()
    except sqlite3.Error as error:
        raise store_failure(store, error) from None
    count, seconds, tokens = row
    return TimeTaken(int(count), float(seconds), int(tokens))
