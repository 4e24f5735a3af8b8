"""The fact cache, where it is a plugin in Python: it reads its options from the settings by itself."""
import skein_values


class FactCaches(object):

    def __init__(self, loaders):
        self._loaders = loaders
        self._plugin = None

    def handlers(self):
        return {"cache": self.cache}

    def cache(self, name, action, host, facts):
        """Open the cache ("open"), or get, set or delete what it holds of a host (ansible/vars/fact_cache.py)."""
        if self._plugin is None:
            self._plugin = self._loaders().cache_loader.get(name)
            if self._plugin is None:
                from ansible.errors import AnsibleError
                raise AnsibleError("Unable to load the facts cache plugin (%s)." % name)
        if action == "set":
            self._plugin.set(host, facts)
        elif action == "delete" and self._plugin.contains(host):
            self._plugin.delete(host)
        elif action == "get" and self._plugin.contains(host):
            return skein_values.Unsafe(dict(self._plugin.get(host)))
        return None
