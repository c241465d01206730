"""What a command is about: its suite, rosters and run, and the options that name them."""
