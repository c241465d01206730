"""What carries batches to where they are made, and predictions back: this process, or a cluster."""
