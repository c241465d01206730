"""BERTScore: greedy matching of contextual token embeddings."""
