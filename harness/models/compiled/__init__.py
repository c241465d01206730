"""What compiled code is made of, and how it runs on the threads of PyTorch."""
