"""How far each measure agrees with people: human judgments in, correlations and accuracies out."""
