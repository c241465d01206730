"""Where rows stand among each other: intervals, comparisons, ranks, and what they can show."""
