"""Makes AnsibleModule.run_command start programs as quickly as Python can, with the same effect.

It passes a `preexec_fn`, for which Python has to copy the whole process (fork) where it would otherwise share it
(vfork). On Python 3 that function sets the umask when one is asked for, and does nothing else
(module_utils/basic.py, run_command and _restore_signal_handlers): without a umask it can be left out.
"""
import subprocess
import types

_PREEXEC = "AnsibleModule.run_command.<locals>.preexec"


class Popen(subprocess.Popen):
    """subprocess.Popen without a `preexec_fn` that does nothing."""

    def __init__(self, *args, **keys):
        if is_idle(keys.get("preexec_fn")):
            keys["preexec_fn"] = None
        subprocess.Popen.__init__(self, *args, **keys)


def is_idle(function):
    """Whether this is run_command's function and no umask is asked for."""
    if getattr(function, "__qualname__", None) != _PREEXEC or not function.__closure__:
        return False
    cells = dict(zip(function.__code__.co_freevars, function.__closure__))
    umask = cells.pop("umask", None)
    return umask is not None and not umask.cell_contents and set(cells) <= set(["self"])


def apply(basic):
    """Let module_utils.basic alone see the quicker Popen. Does nothing on Python 2, where the function has work."""
    if str is bytes or getattr(basic, "subprocess", None) is not subprocess:
        return
    view = types.ModuleType("subprocess")
    view.__dict__.update(subprocess.__dict__)
    view.Popen = Popen
    basic.subprocess = view
