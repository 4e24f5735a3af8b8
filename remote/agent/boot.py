"""The head of the packed agent: imports the modules in SOURCES from RAM, compiling each when it is first needed.

Written for the packer: it stands behind the SOURCES table, and `a` holds the archive that the first stage has read.
"""
import sys

SOURCES = globals().get("SOURCES", {})


class Finder(object):
    """Finder and loader in one, for PEP 302 (Python 2) and PEP 451 (Python 3)."""

    def find_spec(self, name, path=None, target=None):
        """PEP 451."""
        if name in SOURCES:
            return type(sys.__spec__)(name, self, is_package="." not in name)

    def create_module(self, spec):
        """The default."""

    def exec_module(self, module):
        """Run the module's source in its namespace."""
        name = module.__name__
        exec(compile(SOURCES[name], "<%s>" % name, "exec", 0, True), module.__dict__)

    def find_module(self, name, path=None):
        """PEP 302."""
        return self if name in SOURCES else None

    def load_module(self, name):
        """PEP 302."""
        module = sys.modules[name] = type(sys)(name)
        if "." not in name:
            module.__path__ = []
        self.exec_module(module)
        return module


def boot(archive, program):
    """Start the agent that is packed with this module; `program` is the first stage with {size} in it."""
    sys.meta_path.insert(0, Finder())
    from agent import entry
    entry.start(archive, program)
