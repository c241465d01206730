"""How far each metric was found to agree with people, as it stands at the metric's column."""
