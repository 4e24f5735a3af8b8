"""Imports of ansible and ansible_collections, served from RAM.

Ours come first: an Ansible that is installed on the target must not shadow what the controller sent.
"""
import sys

ROOTS = ("ansible", "ansible_collections")
# six makes these names itself, with a finder that stands behind ours.
_SIX_MOVES = "ansible.module_utils.six.moves"
# basic.py imports it for the few modules that ask for the distribution; loading it (logging, argparse and a long
# source) is a tenth of what a first call costs.
LAZY = ("ansible.module_utils.distro",)

ModuleSpec = type(sys.__spec__) if getattr(sys, "__spec__", None) else None


class Importer(object):
    """A finder for sys.meta_path. `ask(name)` returns (is package, source or None, path) of what is not in RAM."""

    def __init__(self, ask):
        self._ask = ask
        self._sources = {}
        self._implied = set()
        self._codes = {}

    def install(self):
        """Stand before all other finders."""
        sys.meta_path.insert(0, self)

    def add(self, name, is_package, source, path):
        """Put a source into RAM; source None says that there is none."""
        name = str(name)
        self._sources[name] = None if source is None else (bool(is_package), source, str(path))
        self._codes.pop(name, None)
        if source is not None:
            parent = name.rpartition(".")[0]
            while parent and parent not in self._implied:
                self._implied.add(parent)
                parent = parent.rpartition(".")[0]

    def entry(self, name):
        """(is package, source, path) or None; asks once for names of our roots."""
        if name in self._sources:
            found = self._sources[name]
            if found is not None or name not in self._implied:
                return found
        if name in self._implied:
            return True, b"", "<skein>/" + name.replace(".", "/") + "/__init__.py"
        if name in ROOTS or name.startswith(_SIX_MOVES):
            return (True, b"", "<skein>/" + name + "/__init__.py") if name in ROOTS else None
        parent = self._sources.get(name.rpartition(".")[0])
        if parent is not None and not parent[0]:
            return None
        is_package, source, path = self._ask(name)
        self.add(name, is_package, source, path)
        return self._sources[name]

    def sent(self, name):
        """(is package, source, path) of what is in RAM under a name that is no Python module's, or None."""
        return self._sources.get(name)

    def exports(self):
        """(name, is package, source) of all that is in RAM."""
        rows = [(name, one[0], one[1]) for name, one in self._sources.items() if one is not None]
        return rows + [(name, True, b"") for name in self._implied if self._sources.get(name) is None]

    def code(self, name):
        """The compiled module; compiled once. Raises ImportError, SyntaxError."""
        code = self._codes.get(name)
        if code is None:
            found = self.entry(name)
            if found is None:
                raise ImportError("No module named %s" % name)
            code = self._codes[name] = compile(found[1], found[2], "exec", 0, True)
        return code

    def is_compiled(self, name):
        """Whether `code` was asked for this module before."""
        return name in self._codes

    # Python 3

    def find_spec(self, name, path=None, target=None):
        """PEP 451."""
        if name.partition(".")[0] not in ROOTS:
            return None
        if name in LAZY and name not in self._sources:
            # It is asked for when it is used.
            found = True, None, "<skein>/%s/__init__.py" % name.replace(".", "/")
        else:
            found = self.entry(name)
        if found is None:
            return None
        spec = ModuleSpec(name, Loader(self, name), origin=found[2], is_package=found[0])
        spec.has_location = True
        return spec

    # Python 2

    def find_module(self, name, path=None):
        """PEP 302."""
        if name.partition(".")[0] not in ROOTS:
            return None
        if "." in name and name not in self._sources and _is_top_level(name.rpartition(".")[2]):
            # Python 2 looks for every `import os` in the package first: not worth a question.
            return None
        return None if self.entry(name) is None else Loader(self, name)


def _is_top_level(name):
    if name in sys.modules or name in ROOTS:
        return True
    import imp
    try:
        found = imp.find_module(name)[0]
    except ImportError:
        return False
    if found is not None:
        found.close()
    return True


class LazyModule(type(sys)):
    """A module whose code runs when a name is first looked up that its import alone does not set."""

    def __getattr__(self, name):
        # Import and inspection look for names of this kind in every module; only the code's own names are worth a load.
        load = None if name.startswith("__") and name != "__all__" else self.__dict__.pop("_skein_load", None)
        if load is not None:
            try:
                load()
            except BaseException:
                self.__dict__["_skein_load"] = load
                raise
        # The code may put another module in its place.
        held = sys.modules.get(self.__name__, self)
        if name in self.__dict__:
            return self.__dict__[name]
        if held is not self and hasattr(held, name):
            return getattr(held, name)
        raise AttributeError("module %r has no attribute %r" % (self.__name__, name))


class Loader(object):
    """Loads one module; also what tracebacks and pkgutil ask for its source."""

    def __init__(self, importer, name):
        self._importer = importer
        self._name = name

    def create_module(self, spec):
        """The default, but for what is loaded when it is first used."""
        return LazyModule(self._name) if self._name in LAZY else None

    def exec_module(self, module):
        """PEP 451."""
        if isinstance(module, LazyModule):
            module.__dict__["_skein_load"] = lambda: self._execute(module)
        else:
            self._execute(module)

    def _execute(self, module):
        exec(self._importer.code(self._name), module.__dict__)

    def load_module(self, name):
        """PEP 302, for Python 2."""
        import types
        is_package, _, path = self._importer.entry(name)
        module = sys.modules.get(name)
        fresh = module is None
        if fresh:
            module = sys.modules[name] = types.ModuleType(name)
        module.__file__ = path
        module.__loader__ = self
        if is_package:
            module.__path__ = []
            module.__package__ = name
        else:
            module.__package__ = name.rpartition(".")[0]
        try:
            exec(self._importer.code(name), module.__dict__)
        except BaseException:
            if fresh:
                sys.modules.pop(name, None)
            raise
        return sys.modules[name]

    def is_package(self, name):
        """Whether the module is a package."""
        return self._importer.entry(self._name)[0]

    def get_filename(self, name=None):
        """The path that the controller gave."""
        return self._importer.entry(self._name)[2]

    def get_code(self, name=None):
        """The compiled module."""
        return self._importer.code(self._name)

    def get_source(self, name=None):
        """Text of this module, whatever name it runs under (`__main__`)."""
        source = self._importer.entry(self._name)[1]
        return source if str is bytes else source.decode("utf-8", "replace")

    def get_data(self, path):
        """Bytes of a module by its path, as pkgutil.get_data asks. Raises IOError."""
        for name, _, source in self._importer.exports():
            if self._importer.entry(name)[2] == path:
                return source
        raise IOError(2, "not sent to this agent", path)
