"""The size of suite at which the rule of the tables tells two rows from each other."""
