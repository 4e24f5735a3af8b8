"""Runs a new-style module in this process, the way Ansible's own wrapper runs it in a fresh one.

What a module can see is matched to executor/module_common.py of ansible-core: `__main__`, `_ANSIBLE_ARGS`,
`_module_fqn` and `_modlib_path` (module_utils/common/respawn.py).
"""
import gc
import os
import sys
import traceback
import types

from agent import importer, leaks, quicker, temp

BASIC = "ansible.module_utils.basic"
_PREFIXES = ("ansible.module_utils.", "ansible_collections.")
_UNHANDLED = '{"msg": "New-style module did not handle its own exit", "failed": true}'


class MainModule(types.ModuleType):
    """`__main__`; `_modlib_path` is written to disk only when a module wants to run itself under another Python."""

    def __getattr__(self, name):
        if name == "_modlib_path":
            path = self.__dict__["_skein_export"]()
            self.__dict__[name] = path
            return path
        raise AttributeError("module '__main__' has no attribute '%s'" % name)


def prepare(imports, name):
    """Compile a module and import what it needs of module_utils, so that forks of this process inherit it.

    Returns whether that was new.
    """
    if imports.is_compiled(name):
        return False
    code = imports.code(name)
    for wanted in (BASIC,) + tuple(one for one in code.co_names if one.startswith(_PREFIXES)):
        if wanted not in sys.modules:
            try:
                __import__(wanted)
            except Exception:
                # The module's own import will fail in the same way, where it is handled or shown.
                pass
    return True


def run(imports, name, args, folder):
    """Run module `name` with `args` (JSON bytes); returns its exit status. Output goes to descriptors 1 and 2.

    `folder()` makes the private folder of the task.
    """
    _set_arguments(args)
    main, code = _main_module(imports, name, folder)
    collect_garbage()
    saved = sys.modules["__main__"], sys.argv
    sys.modules["__main__"] = main
    sys.argv = [main.__file__]
    pid = os.getpid()
    try:
        status = _execute(code, main)
    finally:
        leaks.join_threads()
        leaks.run_hooks(traceback.print_exc)
        if os.getpid() != pid:
            # A child that the module forked came back here instead of ending.
            _leave(sys.exc_info()[1])
        sys.modules["__main__"], sys.argv = saved
    return status


def collect_garbage():
    """Let Python collect garbage as usual, except in what was imported while it did not."""
    if not gc.isenabled():
        if hasattr(gc, "freeze"):
            gc.freeze()
        gc.enable()


def _set_arguments(args):
    basic = sys.modules.get(BASIC)
    if basic is None:
        __import__(BASIC)
        basic = sys.modules[BASIC]
    if not hasattr(basic, "_skein_quicker"):
        basic._skein_quicker = True
        quicker.apply(basic)
    basic._ANSIBLE_ARGS = b'{"ANSIBLE_MODULE_ARGS": ' + args + b"}"
    if hasattr(basic, "_ANSIBLE_PROFILE"):
        basic._ANSIBLE_PROFILE = "legacy"
    if "platform" in sys.modules:
        # It keeps the host's name, which an earlier module may have changed.
        sys.modules["platform"]._uname_cache = None
    warnings = sys.modules.get("ansible.module_utils.common.warnings")
    for held in ("_global_warnings", "_global_deprecations"):
        kept = getattr(warnings, held, None)
        if kept:
            if isinstance(kept, list):
                del kept[:]
            elif hasattr(kept, "clear"):
                kept.clear()


def _main_module(imports, name, folder):
    code = imports.code(name)
    is_package, _, path = imports.entry(name)
    main = MainModule("__main__")
    main.__file__ = path
    main.__loader__ = importer.Loader(imports, name)
    main.__package__ = name if is_package else name.rpartition(".")[0]
    if importer.ModuleSpec is not None:
        main.__spec__ = importer.ModuleSpec(name, main.__loader__, origin=path)
    main.__builtins__ = sys.modules.get("builtins") or sys.modules["__builtin__"]
    main._module_fqn = name
    main._skein_export = lambda: _export(imports, folder())
    if main.__package__ and main.__package__ not in sys.modules:
        # Relative imports need their package.
        try:
            __import__(main.__package__)
        except ImportError:
            pass
    return main, code


def _execute(code, main):
    pid = os.getpid()
    sys.excepthook = traceback.print_exception
    try:
        exec(code, main.__dict__)
        print(_UNHANDLED)
        status = 1
    except SystemExit as end:
        status = exit_status(end)
    except BaseException:
        kind, value, trace = sys.exc_info()
        status = 1
        try:
            # Some modules hang a hook here that answers. The first entry is this function.
            sys.excepthook(kind, value, trace.tb_next)
        except SystemExit as end:
            status = exit_status(end)
    if os.getpid() != pid:
        leaks.run_hooks(traceback.print_exc)
        _leave_with(status)
    return status


def exit_status(end):
    """The exit status that Python gives for a SystemExit; a message goes to standard error."""
    code = end.code
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 255
    sys.stderr.write("%s\n" % (code,))
    return 1


def _leave(error):
    _leave_with(exit_status(error) if isinstance(error, SystemExit) else 1)


def _leave_with(status):
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (ValueError, IOError, OSError, AttributeError):
            pass
    os._exit(status)


def _export(imports, folder):
    """Write all sources below `folder`, as importable packages, and return the path."""
    base = temp.make_unique(os.path.join(folder, "modlib-"))
    for name, is_package, source in imports.exports():
        path = os.path.join(base, *name.split("."))
        path = os.path.join(path, "__init__.py") if is_package else path + ".py"
        temp.make_folders(os.path.dirname(path))
        with open(path, "wb") as target:
            target.write(source)
    return base
