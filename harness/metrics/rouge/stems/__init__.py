"""What a word is without its endings: Porter's rules and Snowball's."""
