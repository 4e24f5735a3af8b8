"""What a run in this process changed, compared with before, repaired where that is possible."""
import atexit
import os
import signal
import stat
import sys
import threading

_FD_FOLDER = "/proc/self/fd" if os.path.isdir("/proc/self/fd") else "/dev/fd"
_PROBED = 256
_SIGNALS = [number for number in range(1, 32) if number not in (signal.SIGKILL, signal.SIGSTOP)]
_hooks = []
# Numbers of descriptors that earlier runs left: whoever left them may close them.
_left = set()
_register = atexit.register


def _register_hook(function, *args, **kwargs):
    """In place of atexit.register: hooks of modules run when their call ends, those of libraries stay."""
    caller = sys._getframe(1).f_globals.get("__name__") or ""
    if caller == "__main__" or caller.partition(".")[0] in ("ansible", "ansible_collections"):
        _hooks.append((function, args, kwargs))
        return function
    return _register(function, *args, **kwargs)


def install():
    """Call before the first module runs."""
    atexit.register = _register_hook


def run_hooks(on_error):
    """Run the hooks that the module registered, last first, as its exit would."""
    while _hooks:
        function, args, kwargs = _hooks.pop()
        try:
            function(*args, **kwargs)
        except SystemExit:
            pass
        except BaseException:
            on_error()


def join_threads():
    """Wait for the threads that Python itself waits for at the end of a process."""
    for one in threading.enumerate():
        if one is not threading.current_thread() and not one.daemon:
            one.join()


def run_all_hooks():
    """In a fork that ends: what libraries registered, too."""
    atexit._run_exitfuncs()


class Snapshot(object):
    """State of the process before a run."""

    def __init__(self):
        self.cwd = _cwd()
        self.umask = _umask()
        self.environ = _environ().copy()
        self.signals = [signal.getsignal(number) for number in _SIGNALS]
        self.path = sys.path[:]
        self.meta_path = sys.meta_path[:]
        self.threads = threading.active_count()
        self.fds = _open_files()
        self.ids = (os.geteuid(), os.getegid())
        self.timeout = _socket_timeout()

    def repair(self):
        """Returns (what was left behind, whether some of it stays): two lists of str."""
        repaired = []
        stays = []
        cwd = _cwd()
        if cwd != self.cwd:
            # AnsibleModule moves away from a folder it cannot read: then there is nothing to go back to.
            try:
                os.chdir(self.cwd or "/")
                repaired.append("cwd: " + str(cwd))
            except OSError:
                pass
        umask = _umask()
        if umask != self.umask:
            os.umask(self.umask)
            repaired.append("umask: %o" % umask)
        if _environ() != self.environ:
            repaired.append("environ: " + " ".join(self._repair_environ()))
        self._repair_signals(repaired)
        if signal.alarm(0):
            repaired.append("alarm")
        if sys.path != self.path:
            sys.path[:] = self.path
            repaired.append("sys.path")
        if sys.meta_path != self.meta_path:
            self._repair_meta_path(repaired)
        if _socket_timeout() != self.timeout:
            sys.modules["socket"].setdefaulttimeout(self.timeout)
            repaired.append("socket timeout")
        if (os.geteuid(), os.getegid()) != self.ids:
            stays.append("uid or gid")
        self._check_threads(stays)
        self._check_fds(stays)
        return repaired, stays

    def _repair_environ(self):
        now = _environ()
        names = sorted(name for name in set(now) | set(self.environ) if now.get(name) != self.environ.get(name))
        for name in names:
            # Through os.environ, so that the C library's copy follows.
            key = _text_key(name)
            if name in self.environ:
                os.environ[key] = _text_key(self.environ[name])
            else:
                del os.environ[key]
        return [str(_text_key(name)) for name in names]

    def _repair_signals(self, repaired):
        for number, before in zip(_SIGNALS, self.signals):
            if signal.getsignal(number) != before and before is not None:
                signal.signal(number, before)
                repaired.append("signal %d" % number)

    def _repair_meta_path(self, repaired):
        # six and other libraries add finders when they are first imported; those belong to the interpreter now.
        added = [one for one in sys.meta_path if one not in self.meta_path]
        if sys.meta_path[:1] != self.meta_path[:1]:
            sys.meta_path[:] = self.meta_path + added
            repaired.append("sys.meta_path")

    def _check_threads(self, stays):
        if threading.active_count() > self.threads:
            stays.append("threads: %d" % (threading.active_count() - self.threads))

    def _check_fds(self, stays):
        now = _open_files()
        if now == self.fds:
            return
        import gc
        gc.collect()
        now = _open_files()
        for fd in sorted(now):
            if now[fd] != self.fds.get(fd) and not _is_log_socket(fd):
                _left.add(fd)
                stays.append("descriptor %d: %s" % (fd, _target(fd)))
        closed = [fd for fd in sorted(self.fds) if fd not in now and fd not in _left]
        if closed:
            # A library may go on using a number that will soon mean another file.
            stays.append("closed descriptors: %s" % " ".join(map(str, closed)))


def _open_files():
    """{number: inode}. The number that the listing itself had is closed again, and so not in it."""
    table = {}
    for fd in _numbers():
        try:
            table[fd] = os.fstat(fd).st_ino
        except OSError:
            pass
    return table


def _numbers():
    """Numbers that may be open. In a bare chroot nothing lists them; the lowest free one is always taken first."""
    try:
        return [int(name) for name in os.listdir(_FD_FOLDER)]
    except OSError:
        return range(_PROBED)


def _is_log_socket(fd):
    """The C libraries of syslog and of the systemd journal keep a datagram socket open; that is theirs to do."""
    try:
        if not stat.S_ISSOCK(os.fstat(fd).st_mode):
            return False
        import socket
        copy = socket.fromfd(fd, socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            return copy.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE) == socket.SOCK_DGRAM
        finally:
            copy.close()
    except (OSError, IOError):
        return False


def _target(fd):
    try:
        return os.readlink("%s/%s" % (_FD_FOLDER, fd))
    except OSError:
        return "?"


def _cwd():
    try:
        return os.getcwd()
    except OSError:
        return None


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _environ():
    # The inner table is compared without decoding every entry.
    return getattr(os.environ, "_data", None) or getattr(os.environ, "data", None) or {}


def _text_key(name):
    return os.fsdecode(name) if hasattr(os, "fsdecode") else name


def _socket_timeout():
    module = sys.modules.get("socket")
    return module.getdefaulttimeout() if module is not None else None
