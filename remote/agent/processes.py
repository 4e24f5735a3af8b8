"""Finding and killing what one call started, and only that.

A process group would also hold the daemons that earlier tasks left running on purpose.
"""
import os
import time

try:
    import _signal as signal
except ImportError:
    import signal


def started_by(leader, age):
    """Processes of session or family `leader` not older than `age` seconds: {pid: start ticks}; empty without /proc."""
    table = {}
    for name in _listdir("/proc"):
        if name.isdigit():
            row = _stat(int(name))
            if row is not None:
                table[int(name)] = row
    if leader not in table:
        return {}
    ticks = os.sysconf("SC_CLK_TCK")
    # Two ticks of tolerance: start times are counted in hundredths.
    since = (_uptime() - age) * ticks - 2
    family = set([leader])
    grown = True
    while grown:
        grown = False
        for pid, (parent, _, _) in table.items():
            if parent in family and pid not in family:
                family.add(pid)
                grown = True
    return dict((pid, start) for pid, (_, session, start) in table.items()
                if pid != leader and start >= since and (pid in family or session == leader))


def kill(leader, victims):
    """Kill the executor at once, so that it starts nothing more, and ask the others to end."""
    _send(leader, signal.SIGKILL)
    if not victims and not os.path.isdir("/proc/%d" % os.getpid()):
        # No /proc on this system: the group is all there is to go by.
        try:
            os.killpg(leader, signal.SIGKILL)
        except OSError:
            pass
    for pid in victims:
        _send(pid, signal.SIGTERM)


def kill_rest(victims):
    """Kill those that are still the processes they were. Returns how many."""
    count = 0
    for pid, start in victims.items():
        row = _stat(pid)
        if row is not None and row[2] == start:
            _send(pid, signal.SIGKILL)
            count += 1
    return count


def kill_all_in(victims, grace):
    """Wait up to `grace` seconds for victims to end, then kill."""
    end = time.time() + grace
    while time.time() < end and any((_stat(pid) or (0, 0, None))[2] == start for pid, start in victims.items()):
        time.sleep(0.01)
    kill_rest(victims)


def _send(pid, number):
    try:
        os.kill(pid, number)
    except OSError:
        pass


def _stat(pid):
    """(parent, session, start ticks) of a live process."""
    try:
        with open("/proc/%d/stat" % pid, "rb") as source:
            fields = source.read().rpartition(b")")[2].split()
        return None if fields[0] == b"Z" else (int(fields[1]), int(fields[3]), int(fields[19]))
    except (IOError, OSError, IndexError, ValueError):
        return None


def _uptime():
    try:
        with open("/proc/uptime") as source:
            return float(source.read().split()[0])
    except (IOError, OSError):
        return 0.0


def _listdir(path):
    try:
        return os.listdir(path)
    except OSError:
        return []
