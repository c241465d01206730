"""The Hugging Face Hub: what of it is on this disk, what a revision is, and fetching files.

The Hub's own client asks again and again for 23 seconds when it cannot be reached. So one request
that is not repeated asks first, and only what is not on this disk makes it.
"""

import hashlib
import logging
import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from harness.errors import DataError, HarnessError, WeightsError

# As the Hub's client calls what it has.
Kind = Literal["model", "dataset"]

_NOUNS = {"model": "model", "dataset": "data set"}
_TO_CORRECT = {"model": ("`hub`", "`revision`"), "dataset": ("the name", "what follows the @")}
# What `datasets` takes for a yes.
_TRUE = ("1", "ON", "YES", "TRUE")
_ERRORS: dict[Kind, type[HarnessError]] = {"model": WeightsError, "dataset": DataError}


def is_repository(name: str) -> bool:
    """Return whether the Hub can have a repository of that name, which is OWNER/NAME.

    As its client has it (huggingface_hub, `validate_repo_id`), which else raises in the middle.

    >>> is_repository("a/b"), is_repository("a/b--c"), is_repository("a/.b")
    (True, False, False)
    """
    if any(part in name for part in ("--", "..")) or name.endswith(".git"):
        return False
    return bool(re.fullmatch(r"\b[\w.-]+\b/\b[\w.-]{1,96}\b", name))


class HubUnreachableError(HarnessError):
    """The Hub did not answer, or is not to be asked: the message is the reason alone."""


@dataclass(frozen=True, slots=True)
class CachedRepository:
    """A revision's folder on this disk, and whether every file that is wanted is known to be in it.

    That is not known of what another program put there file by file.
    """

    folder: Path
    complete: bool


def cached_repository(
    repository: str, revision: str, patterns: Sequence[str], kind: Kind = "model"
) -> CachedRepository | None:
    """Return what is on this disk, `None` if nothing is or a file is missing. Asks nobody."""
    try:
        from huggingface_hub import get_cached_repo_tree, snapshot_download
        from huggingface_hub.errors import CachedRepoTreeNotFoundError, LocalEntryNotFoundError
    except ImportError:  # without it nothing of the Hub can be used
        return None

    try:
        folder = snapshot_download(
            repository,
            repo_type=kind,
            revision=revision,
            allow_patterns=list(patterns),
            local_files_only=True,
        )
    except LocalEntryNotFoundError:
        return None
    try:
        get_cached_repo_tree(repository, repo_type=kind, revision=revision)
    except CachedRepoTreeNotFoundError:
        return CachedRepository(Path(folder), complete=False)
    return CachedRepository(Path(folder), complete=True)


def fetch_repository(
    repository: str, revision: str, patterns: Sequence[str], kind: Kind = "model"
) -> Path:
    """Return the folder of a revision's files, downloading those that are missing.

    Raises WeightsError, of a data set DataError, at once if the Hub does not answer, or has no such
    repository or revision.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError
    from huggingface_hub.utils.tqdm import disable_progress_bars

    cached = cached_repository(repository, revision, patterns, kind)
    if cached and cached.complete:
        return cached.folder
    try:
        commit_of(repository, revision, kind)
    except HubUnreachableError as error:
        if cached:
            return cached.folder
        option = "" if kind == "model" else "--repo-type dataset "
        raise _ERRORS[kind](
            f"{repository} at {revision}: not on this disk, and {error}; try again with a network, "
            f"or run `hf download {option}{repository} --revision {revision}` where there is one "
            "and copy the Hub's cache"
        ) from None
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # else a line a retry
    if not sys.stderr.isatty():
        disable_progress_bars()
    try:
        folder = snapshot_download(
            repository, repo_type=kind, revision=revision, allow_patterns=list(patterns)
        )
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise _ERRORS[kind](
            f"{repository} at {revision}: the download broke off ({_reason(error)}); run again to "
            "go on with it"
        ) from None
    return Path(folder)


def listed_files(repository: str, revision: str, kind: Kind = "model") -> list[str]:
    """Return the names of a commit's files, as far as the list is on this disk; asks nobody."""
    from huggingface_hub import get_cached_repo_tree
    from huggingface_hub.errors import CachedRepoTreeNotFoundError

    try:
        tree = get_cached_repo_tree(repository, repo_type=kind, revision=revision)
    except CachedRepoTreeNotFoundError:
        return []
    return [file.path for file in tree]


def refuse_other_content(
    repository: str, revision: str, folder: Path, hashes: Mapping[str, str]
) -> None:
    """Raise WeightsError if a file in the cache is not what the commit has under its name.

    `hashes` are the files' SHA-256. Large files are named by that, as git-lfs does, all others by
    git's own hash. Without a list of the commit's files on this disk nothing is known of them.
    """
    from huggingface_hub import get_cached_repo_tree
    from huggingface_hub.errors import CachedRepoTreeNotFoundError

    try:
        listed = {file.path: file for file in get_cached_repo_tree(repository, revision=revision)}
    except CachedRepoTreeNotFoundError:
        return
    for name, digest in hashes.items():
        file = listed.get(name)
        if file is not None and file.lfs is not None:
            same = digest == file.lfs.sha256
        else:
            data = (folder / name).read_bytes()
            git = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False)
            same = file is not None and git.hexdigest() == file.blob_id
        if not same:
            raise WeightsError(
                f"{repository} at {revision}: {folder / name} is not the commit's file: something "
                f"wrote to the Hub's cache; remove {folder.parents[1]} and run again to download it"
            )


def commit_of(repository: str, revision: str, kind: Kind = "model") -> str:
    """Return the commit that a branch, tag or commit is, as the Hub says it.

    Raises HubUnreachableError if the Hub does not answer to one request; WeightsError, of a data
    set DataError, if it has no such revision, or does not give it.
    """
    from huggingface_hub import HfApi, constants
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    name, noun, error_class = f"{repository} at {revision}", _NOUNS[kind], _ERRORS[kind]
    correct_name, correct_revision = _TO_CORRECT[kind]
    if kind == "dataset" and os.environ.get("HF_DATASETS_OFFLINE", "").upper() in _TRUE:
        raise HubUnreachableError("HF_DATASETS_OFFLINE forbids to ask the Hub")
    try:
        info = HfApi().repo_info(
            repository, repo_type=kind, revision=revision, timeout=constants.HF_HUB_ETAG_TIMEOUT
        )
    except GatedRepoError:
        raise error_class(
            f"{name}: the Hub gives it only to those who accepted its terms; accept them on the "
            f"{noun}'s page, then run `hf auth login`"
        ) from None
    except RepositoryNotFoundError:
        raise error_class(
            f"{name}: the Hub has no such {noun} that you may see; correct {correct_name}, or run "
            "`hf auth login` if it is private"
        ) from None
    except RevisionNotFoundError:
        raise error_class(
            f"{name}: the {noun} has no such commit, branch or tag; correct {correct_revision}"
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
        raise error_class(f"{name}: the Hub does not say which commit that is; give the commit")
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
