"""The demonstration: a team, its petition with 19,999 synthetic signatures, its chronology and its stories."""
