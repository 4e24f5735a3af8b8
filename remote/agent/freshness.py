"""Tells when a Python that keeps running no longer sees what a fresh one would.

A package that an earlier task installed may be wanted by modules and module_utils that were imported, without it,
before. Installing changes the folders that Python imports from; then the executor is replaced.
"""
import os
import sys


class ImportFolders(object):
    """The folders that Python would import from, as they were when this was made."""

    def __init__(self):
        paths = [path for path in sys.path if path] + _site_folders()
        self._stamps = dict((path, _stamp(path)) for path in paths)

    def have_changed(self):
        """Whether a name came or went in one of them since; a few microseconds."""
        for path in self._stamps:
            if _stamp(path) != self._stamps[path]:
                return True
        return False


def _site_folders():
    """Folders that are taken up at Python's start, if they exist then."""
    site = sys.modules.get("site")
    try:
        return list(site.getsitepackages()) + [site.getusersitepackages()]
    except AttributeError:
        # No site module (-S), or that of an old virtualenv.
        return []


def _stamp(path):
    try:
        found = os.stat(path)
        return found.st_ino, found.st_mtime
    except OSError:
        return None
