"""What a story is, what its author agrees to, how long it is kept and how its history is sealed. Plain Python."""
