"""
The development stack: what ./run uses to set up, start, watch and stop the site on one machine.

It is plain Python of the standard library, because it runs before anything is installed, and it is only for
development and tests: production starts the same servers from systemd (docs/operating.md).
"""
