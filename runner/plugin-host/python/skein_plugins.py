"""Filters, tests and lookups, found and run by the plugin loaders of the installed ansible-core."""
import contextlib

import skein_cache
import skein_callbacks
import skein_inventory
import skein_setup
import skein_values


class Plugins(object):

    def __init__(self, channel):
        self._channel = channel
        self._found = {}
        self._lookups = {}
        self._config = {}
        self._loader = None
        self._base = None
        self._shared = None

    def handlers(self):
        """What the parent can ask for, by name."""
        return {
            "init": self.init,
            "dirs": self.dirs,
            "find": self.find,
            "filter": self.filter,
            "test": self.test,
            "lookup": self.lookup,
            "describe": describe,
            "undefined": undefined,
            **skein_inventory.InventoryPlugins(lambda: self._loader, self._data_loader).handlers(),
            **skein_cache.FactCaches(lambda: self._loader).handlers(),
            **skein_callbacks.Callbacks(self._channel, self._data_loader).handlers(),
        }

    def init(self, config):
        """Import ansible-core. Everything that depends on settings is read by itself, from the same places as ever."""
        self._config = config
        self._loader = skein_setup.import_ansible(config)
        skein_setup.set_flags({"extra_vars": tuple(config["extra_vars"])})
        skein_setup.listen(self._channel, config["verbosity"])
        self.dirs(config["dirs"])
        self._channel.limit(config["timeout"])

    def dirs(self, paths):
        """Count these folders' plugins from now on."""
        for path in paths:
            self._loader.add_all_plugin_dirs(path)
        self._found.clear()
        self._lookups.clear()

    def find(self, kind, name):
        """Where a plugin comes from: "core", "jinja" or "plugin"; None when there is none of that name."""
        if kind == "lookup":
            return "plugin" if self._lookup_class(name) is not None else None
        try:
            found = self._wrapper(kind, name)
        except KeyError:
            if "." in name:
                raise
            found = None
        if found is None:
            jinja = _jinja_filters() if kind == "filter" else _jinja_tests()
            return "jinja" if name in jinja else None
        home = getattr(found, "ansible_name", None) or ""
        return "core" if home.startswith("ansible.builtin.") else "plugin"

    def filter(self, name, args, kwargs, frame):
        """What a filter makes of a value; iterators are unrolled as Ansible does."""
        return self._call("filter", name, args, kwargs, frame)

    def test(self, name, args, kwargs, frame):
        """Whether a test holds."""
        return bool(self._call("test", name, args, kwargs, frame))

    def lookup(self, name, terms, kwargs, frame):
        """What a lookup finds."""
        variables = skein_values.LazyVariables(self._channel, frame)
        with self._templar(variables) as templar:
            plugin = self._lookup(name, templar)
            found = plugin.run(terms, variables=variables, **kwargs)
            return list(found) if _is_rolled(found) else found

    def _call(self, kind, name, args, kwargs, frame):
        function = self._function(kind, name)
        wanted = getattr(getattr(function, "jinja_pass_arg", None), "name", None)
        if wanted is None:
            found = function(*args, **kwargs)
            return list(found) if _is_rolled(found) else found
        with self._templar(skein_values.LazyVariables(self._channel, frame)) as templar:
            found = function(_passed(wanted, templar), *args, **kwargs)
            return list(found) if _is_rolled(found) else found

    def _function(self, kind, name):
        key = (kind, name)
        if key not in self._found:
            try:
                wrapper = self._wrapper(kind, name)
            except KeyError:
                wrapper = None
            if wrapper is None:
                function = (_jinja_filters() if kind == "filter" else _jinja_tests())[name]
            else:
                function = getattr(wrapper, "j2_function", wrapper)
            self._found[key] = function
        return self._found[key]

    def _wrapper(self, kind, name):
        loader = self._loader.filter_loader if kind == "filter" else self._loader.test_loader
        return loader.get(name)

    def _lookup_class(self, name):
        return self._loader.lookup_loader.get(name, class_only=True)

    def _lookup(self, name, templar):
        """A new instance of a lookup. Searching costs more than most lookups do: it is done once."""
        first = self._lookups.get(name)
        if first is None:
            first = self._loader.lookup_loader.get(name, loader=templar._loader, templar=templar)
            if first is None:
                raise KeyError(name)
            self._lookups[name] = first
            return first
        plugin = object.__new__(type(first))
        for attribute in _FROM_LOADER:
            if hasattr(first, attribute):
                setattr(plugin, attribute, getattr(first, attribute))
        plugin.__init__(loader=templar._loader, templar=templar)
        return plugin

    @contextlib.contextmanager
    def _templar(self, variables):
        """The one Templar, with these variables: making one costs more than most plugins do."""
        if self._shared is None:
            from ansible.template import Templar
            self._shared = Templar(loader=self._data_loader())
        templar = self._shared
        before = templar._available_variables, templar.cur_context
        templar._available_variables = variables
        try:
            yield templar
        finally:
            templar._available_variables, templar.cur_context = before

    def _data_loader(self):
        if self._base is None:
            self._base = skein_setup.data_loader(self._config)
        return self._base


# What PluginLoader._update_object of plugins/loader.py gives to an instance.
_FROM_LOADER = ("_original_path", "_load_name", "_redirected_names", "ansible_aliases", "ansible_name")


def describe(error):
    """An error as the parent tells it: its kind and its text."""
    from jinja2.exceptions import UndefinedError
    from ansible import errors
    kinds = (
        ((errors.AnsibleUndefinedVariable, UndefinedError), "undefined"),
        (errors.AnsibleOptionsError, "options"),
        (errors.AnsibleLookupError, "lookup"),
        (errors.AnsibleFilterError, "filter"),
        (errors.AnsibleError, "runtime"),
        (TypeError, "type"),
        (ZeroDivisionError, "zero-division"),
        (RecursionError, "recursion"),
        (KeyError, "key"),
        (IndexError, "index"),
        (AttributeError, "attribute"),
        (ValueError, "value"),
    )
    kind = next((kind for classes, kind in kinds if isinstance(error, classes)), "runtime")
    return {
        "kind": kind,
        "message": str(error) if isinstance(error, Exception) else repr(error),
        "ansible": isinstance(error, errors.AnsibleError),
    }


def undefined(message):
    """The error of a variable that is not defined."""
    from ansible.errors import AnsibleUndefinedVariable
    return AnsibleUndefinedVariable(message)


def _passed(wanted, templar):
    if wanted == "environment":
        return templar.environment
    from ansible.template.vars import AnsibleJ2Vars
    template = templar.environment.from_string("")
    context = template.new_context(AnsibleJ2Vars(templar, template.globals), shared=True)
    return context.eval_ctx if wanted == "eval_context" else context


def _is_rolled(value):
    from ansible.template import _is_rolled as is_rolled
    return is_rolled(value)


def _jinja_filters():
    from jinja2.defaults import DEFAULT_FILTERS
    return DEFAULT_FILTERS


def _jinja_tests():
    from jinja2.defaults import DEFAULT_TESTS
    return DEFAULT_TESTS
