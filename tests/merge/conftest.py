"""The suite of which shards are run."""

from pathlib import Path

import pytest

from tests.merge.shard_runs import write_pacts


@pytest.fixture(scope="session")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the pacts."""
    return write_pacts(tmp_path_factory.mktemp("suite") / "pacts")
