"""The Hugging Face Hub: what of it is on this disk, what a revision is, and fetching files.

The Hub's own client asks again and again for 23 seconds when it cannot be reached. So one request
that is not repeated asks first, and only what is not on this disk makes it.
"""

import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.errors import WeightsError


class HubUnreachableError(WeightsError):
    """The Hub did not answer, or is not to be asked: the message is the reason alone."""


@dataclass(frozen=True, slots=True)
class CachedRepository:
    """A revision's folder on this disk, and whether every file that is wanted is known to be in it.

    That is not known of what another program put there file by file.
    """

    folder: Path
    complete: bool


def cached_repository(
    repository: str, revision: str, patterns: Sequence[str]
) -> CachedRepository | None:
    """Return what is on this disk, `None` if nothing is or a file is missing. Asks nobody."""
    try:
        from huggingface_hub import get_cached_repo_tree, snapshot_download
        from huggingface_hub.errors import CachedRepoTreeNotFoundError, LocalEntryNotFoundError
    except ImportError:  # without it nothing of the Hub can be used
        return None

    try:
        folder = snapshot_download(
            repository, revision=revision, allow_patterns=list(patterns), local_files_only=True
        )
    except LocalEntryNotFoundError:
        return None
    try:
        get_cached_repo_tree(repository, revision=revision)
    except CachedRepoTreeNotFoundError:
        return CachedRepository(Path(folder), complete=False)
    return CachedRepository(Path(folder), complete=True)


def fetch_repository(repository: str, revision: str, patterns: Sequence[str]) -> Path:
    """Return the folder of a revision's files, downloading those that are missing.

    Raises WeightsError at once if the Hub does not answer, or has no such model.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError
    from huggingface_hub.utils.tqdm import disable_progress_bars

    cached = cached_repository(repository, revision, patterns)
    if cached and cached.complete:
        return cached.folder
    try:
        commit_of(repository, revision)
    except HubUnreachableError as error:
        if cached:
            return cached.folder
        raise WeightsError(
            f"{repository} at {revision}: not on this disk, and {error}; try again with a network, "
            f"or run `hf download {repository} --revision {revision}` where there is one and copy "
            "the Hub's cache"
        ) from None
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # else a line a retry
    if not sys.stderr.isatty():
        disable_progress_bars()
    try:
        folder = snapshot_download(repository, revision=revision, allow_patterns=list(patterns))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise WeightsError(
            f"{repository} at {revision}: the download broke off ({_reason(error)}); run again to "
            "go on with it"
        ) from None
    return Path(folder)


def commit_of(repository: str, revision: str) -> str:
    """Return the commit that a branch, tag or commit is, as the Hub says it.

    Raises HubUnreachableError if the Hub does not answer to one request, WeightsError if it has no
    such revision, or does not give it.
    """
    from huggingface_hub import HfApi, constants
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    name = f"{repository} at {revision}"
    try:
        info = HfApi().model_info(
            repository, revision=revision, timeout=constants.HF_HUB_ETAG_TIMEOUT
        )
    except GatedRepoError:
        raise WeightsError(
            f"{name}: the Hub gives it only to those who accepted its terms; accept them on the "
            "model's page, then run `hf auth login`"
        ) from None
    except RepositoryNotFoundError:
        raise WeightsError(
            f"{name}: the Hub has no such model that you may see; correct `hub`, or run "
            "`hf auth login` if it is private"
        ) from None
    except RevisionNotFoundError:
        raise WeightsError(
            f"{name}: the model has no such commit, branch or tag; correct `revision`"
        ) from None
    except HfHubHTTPError as error:
        raise HubUnreachableError(f"the Hub does not answer well ({_reason(error)})") from None
    except OfflineModeIsEnabled:
        raise HubUnreachableError("HF_HUB_OFFLINE forbids to ask the Hub") from None
    except Exception as error:  # httpx's or httpx2's, as the version of the client has it
        raise HubUnreachableError(
            f"{constants.ENDPOINT} cannot be reached ({_reason(error)})"
        ) from None
    if info.sha is None:
        raise WeightsError(f"{name}: the Hub does not say which commit that is; give the commit")
    return info.sha


def cached_commit(repository: str, revision: str) -> str | None:
    """Return the commit that a branch or tag was when it was last asked about from this disk."""
    from huggingface_hub import resolve_revision
    from huggingface_hub.errors import RevisionResolutionError

    try:
        return resolve_revision(repository, revision=revision, local_files_only=True).resolved
    except RevisionResolutionError:
        return None


def _reason(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]
