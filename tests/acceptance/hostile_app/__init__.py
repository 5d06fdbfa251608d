"""A demo under attack: what is sent to it, who it must not reach, and who watches meanwhile that it answers."""
