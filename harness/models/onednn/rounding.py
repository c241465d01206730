"""Whether oneDNN gives what PyTorch's own product gives."""

from torch import Tensor

# How far numbers may be apart, as a share of the greatest.
_AS_MUCH_AS_ROUNDING = 1e-4


def same_but_for_rounding(own: Tensor, given: Tensor) -> bool:
    """Return whether two results are the same, but for how they were rounded on the way."""
    if own.shape != given.shape:
        return False
    return bool((given - own).abs().max() <= _AS_MUCH_AS_ROUNDING * own.abs().max())
