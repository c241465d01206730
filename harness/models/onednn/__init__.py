"""Linear layers by oneDNN, which PyTorch has beside MKL."""
