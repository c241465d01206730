"""Models that take what they give from the article: answer spans, and sentences by meaning."""
