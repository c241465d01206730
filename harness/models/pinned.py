"""What a model is, in a few characters: for the signature of a metric that rests on it."""

from collections.abc import Collection, Mapping

from harness.files import canonical_json, sha256


def pinned(
    kind: str,
    identity: Mapping[str, object],
    versions: Mapping[str, object],
    left_out: Collection[str] = ("backend",),
) -> str:
    """Return a hash over a model's identity, parts of it left out, and versions of packages.

    >>> pinned("judge", {"kind": "nli", "backend": {}}, {"torch": "2.0"})
    'judge:ac24620c48dd4006|torch:2.0'
    """
    own = {name: identity[name] for name in identity if name not in left_out}
    behind = "".join(f"|{name}:{version}" for name, version in versions.items())
    return f"{kind}:{sha256(canonical_json(own))[:16]}{behind}"


def pinned_judge(identity: Mapping[str, object]) -> str:
    """Return that of a judge, with the versions that its identity names."""
    backend = identity.get("backend")
    return pinned("judge", identity, backend if isinstance(backend, Mapping) else {})
