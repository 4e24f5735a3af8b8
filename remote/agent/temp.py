"""The private temporary folder of a context."""
import errno
import os

from agent import frames

DEFAULTS = (u"~/.ansible/tmp", u"/var/tmp", u"/tmp")


def make_private(candidates, above=0o700):
    """A new folder (0700) in the first usable candidate; None when there is none.

    `above` is the mode of missing folders on the way to the candidate: Ansible's connection makes them 0700 for the
    login account, while for an account that was become the module makes them by its umask.

    A candidate that does not exist is made, as Ansible makes its remote_tmp (module_utils/basic.py, tmpdir).
    """
    for candidate in candidates or DEFAULTS:
        base = os.path.expandvars(os.path.expanduser(frames.native(candidate)))
        if "$" in base or not base.startswith("/"):
            continue
        try:
            make_folders(base, above)
            return make_unique(os.path.join(base, "skein-"))
        except OSError:
            continue
    return None


def make_folders(path, above=0o700):
    """Make a folder (0700) and those above it that are missing: os.makedirs gives the mode to the last one only.

    Raises OSError.
    """
    if os.path.isdir(path):
        return
    parent = os.path.dirname(path.rstrip("/"))
    if parent != path:
        make_folders_above(parent, above)
    try:
        os.mkdir(path, 0o700)
    except OSError:
        # Another agent of this account may have been quicker.
        if not os.path.isdir(path):
            raise


def make_folders_above(path, mode):
    """Make missing folders with a mode, less the umask. Raises OSError."""
    if os.path.isdir(path):
        return
    make_folders_above(os.path.dirname(path), mode)
    try:
        os.mkdir(path, mode)
    except OSError:
        if not os.path.isdir(path):
            raise


def make_unique(prefix):
    """A new folder (0700) whose name starts with `prefix`. Raises OSError."""
    while True:
        path = prefix + "".join("%02x" % byte for byte in bytearray(os.urandom(6)))
        try:
            os.mkdir(path, 0o700)
            return path
        except OSError as error:
            if error.errno != errno.EEXIST:
                raise


def remove(path):
    """Remove a folder with all it holds; what is gone already is fine."""
    try:
        os.rmdir(path)
    except OSError:
        if os.path.isdir(path) and not os.path.islink(path):
            import shutil
            shutil.rmtree(path, True)


def write_file(path, data, mode):
    """Write a new file of this content and mode, which must not exist. Raises OSError."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "wb") as target:
        target.write(data)
    if mode != 0o600:
        os.chmod(path, mode)
    return path
