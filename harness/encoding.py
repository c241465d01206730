"""What a file must be to be read: itself and no pointer, and as text UTF-8 and not compressed."""

from pathlib import Path

from harness.errors import DataError

IS_LFS_POINTER = (
    "is a pointer of Git LFS and not the file; run `git lfs pull` in its folder, or download it "
    "again"
)
_POINTER = b"version https://git-lfs.github.com/spec/"
_LONGEST_POINTER = 1024  # https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md


def is_utf_16(beginning: bytes) -> bool:
    """Return whether a text that begins so is UTF-16, with its mark or without."""
    return beginning.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in beginning[:4]


def is_lfs_pointer(path: Path) -> bool:
    """Return whether a file is what Git LFS leaves in the place of another; raise OSError.

    That is a short text, by its specification, which would be read as an article or a reference.
    """
    if path.stat().st_size >= _LONGEST_POINTER:
        return False
    with path.open("rb") as file:
        return file.read(len(_POINTER)) == _POINTER


def not_utf8(beginning: bytes, byte: int | None = None) -> str:
    r"""Return what is wrong with a text that begins so, and at which byte it shows.

    >>> not_utf8(b"\xff\xfe")
    'not UTF-8 text but UTF-16, as PowerShell writes it; save it as UTF-8'
    """
    if is_utf_16(beginning):
        return "not UTF-8 text but UTF-16, as PowerShell writes it; save it as UTF-8"
    return f"not UTF-8 text{'' if byte is None else f' (byte {byte})'}; save it as UTF-8"


def refuse_packed(path: Path) -> None:
    """Raise DataError for a file that is compressed, by its name or by how it begins."""
    if not path.is_file():
        return
    with path.open("rb") as file:
        packed = file.read(4).startswith((b"\x1f\x8b", b"PK\x03\x04", b"\xfd7zX"))
    if packed or path.suffix.lower() in (".gz", ".zip", ".bz2", ".xz", ".zst", ".7z"):
        raise DataError(f"{path}: is compressed; unpack it first, and name the file that comes out")
