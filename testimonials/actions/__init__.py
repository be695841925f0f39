"""Every change of a story, one module for each kind of change."""
