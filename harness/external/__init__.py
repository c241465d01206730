"""Files of outputs and references that other tools made, read record by record."""
