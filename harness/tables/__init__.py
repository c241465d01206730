"""What a verb prints: tables and the text between them, in each format that it can be asked for."""
