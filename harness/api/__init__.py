"""The harness from Python: suites, models and metrics in, a run out."""
