"""What a person wrote, held against its type; all that is wrong with it is said at once."""
