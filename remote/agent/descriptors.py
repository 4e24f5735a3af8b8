"""Descriptors that modules should not hit by accident: kept at high numbers, and recognised.

Code that closes "everything but 0 to 2" before it goes on often stops at 64 or 256.
"""
import fcntl
import os

from agent import channel

_DUPLICATE = getattr(fcntl, "F_DUPFD_CLOEXEC", fcntl.F_DUPFD)


def lift(fd):
    """Move a descriptor to a high number, closed on exec. One that cannot be moved stays where it is."""
    try:
        high = fcntl.fcntl(fd, _DUPLICATE, _BASE)
    except (OSError, IOError):
        # The limit of open files was lowered, or is reached.
        return channel.set_cloexec(fd)
    os.close(fd)
    return high if _DUPLICATE != fcntl.F_DUPFD else channel.set_cloexec(high)


def identity(fd):
    """What tells the open file behind a number from another one that took its place; None when it is closed."""
    try:
        found = os.fstat(fd)
        return found.st_dev, found.st_ino
    except OSError:
        return None


def _find_base():
    try:
        limit = os.sysconf("SC_OPEN_MAX")
    except (OSError, ValueError):
        limit = 256
    # select() takes numbers below 1024 only.
    return (min(limit, 1024) if limit > 0 else 1024) * 3 // 4


_BASE = _find_base()
