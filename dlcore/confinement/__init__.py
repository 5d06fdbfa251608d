"""The confinement of processes that work for strangers, by what the kernel has: Landlock, seccomp, limits."""

from dlcore.confinement import graphics
from dlcore.confinement.bounds import NEEDS, Bounds, Protection, confine, missing_protections

__all__ = ["NEEDS", "Bounds", "Protection", "confine", "graphics", "missing_protections"]
