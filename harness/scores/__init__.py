"""Outputs that other tools made, scored against references: `harness score`."""
