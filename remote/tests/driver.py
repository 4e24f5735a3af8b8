"""Starts the packed agent the way the controller does, and speaks its protocol."""
import json
import os
import select
import subprocess
import sys
import tempfile
import time
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.dirname(HERE))

from agent import frames  # noqa: E402

ANSIBLE = os.environ.get("SKEIN_TEST_ANSIBLE", "/usr/lib/python3/dist-packages/ansible")
PACK = """
import {{ packAgent }} from "{bundle}";
import {{ writeFileSync }} from "node:fs";
const agent = packAgent("{folder}");
writeFileSync("{out}/agent.zlib", agent.archive);
writeFileSync("{out}/info.json", JSON.stringify({{
  digest: agent.digest, size: agent.archive.length,
  commands: Object.fromEntries({pythons}.map((python) => [python, agent.firstStage(python.split(","))])),
}}));
"""
_built = {}


def build(pythons):
    """(archive, command) for a comma-separated list of interpreters, packed by remote/pack.ts."""
    if pythons not in _built:
        out = tempfile.mkdtemp(prefix="skein-pack-")
        bundle = os.path.join(out, "remote.mjs")
        subprocess.check_call([os.path.join(ROOT, "node_modules/.bin/esbuild"), "remote/index.ts", "--bundle",
                               "--platform=node", "--format=esm", "--log-level=error", "--outfile=" + bundle],
                              cwd=ROOT)
        script = PACK.format(bundle=bundle, folder=os.path.join(ROOT, "remote", "agent"), out=out,
                             pythons=json.dumps([pythons]))
        subprocess.check_call(["node", "--input-type=module", "-e", script])
        with open(os.path.join(out, "agent.zlib"), "rb") as source:
            archive = source.read()
        with open(os.path.join(out, "info.json")) as source:
            info = json.load(source)
        subprocess.check_call(["rm", "-rf", out])
        _built[pythons] = archive, info["commands"][pythons]
    return _built[pythons]


class Lost(Exception):
    """The agent's stream ended."""


PYTHON = os.environ.get("SKEIN_TEST_PYTHON", "/usr/bin/python3")


class Agent(object):
    """One running agent, context 1."""

    def __init__(self, pythons=PYTHON, compress=True, tmp=None, idle=0.02, env=None, wait=True):
        archive, command = build(pythons)
        self.folder = tempfile.mkdtemp(prefix="skein-test-")
        self.started = time.time()
        self.process = subprocess.Popen(["/bin/sh", "-c", command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env=env, bufsize=0)
        self._inflate = zlib.decompressobj(-15) if compress else None
        self._decoder = frames.Decoder()
        self._joiner = frames.Joiner(frames.MAX_UP)
        self._raw = b""
        self._booted = False
        self._ident = 0
        self.messages = []
        self.served = {}
        self.missing = []
        self.bytes_up = 0
        self.write(archive)
        self.send(frames.CONFIG, {u"ctx": 1, u"compress": compress, u"tmp": tmp or [frames.text(self.folder), u"/tmp"],
                                  u"digest": u"", u"idle": idle, u"level": 4})
        if wait:
            self.hello = self.expect(frames.HELLO)[2]
            self.hello_seconds = time.time() - self.started

    def write(self, data):
        self.process.stdin.write(data)

    def send(self, kind, value, ident=0, dst=1):
        self.write(frames.message(kind, dst, 0, ident, value))

    def next_ident(self):
        self._ident += 1
        return self._ident

    def expect(self, kind, ident=None, src=None, timeout=15):
        """The next message of this kind: (kind, flags, value, src, ident)."""
        end = time.time() + timeout
        while True:
            for one in self.messages:
                if one[0] == kind and (ident is None or one[4] == ident) and (src is None or one[3] == src):
                    self.messages.remove(one)
                    return one
            left = end - time.time()
            if left <= 0:
                raise AssertionError("no message %d within %s s; have %r" % (kind, timeout, self.messages))
            self._pump(left)

    def _pump(self, wait):
        if not select.select([self.process.stdout], [], [], wait)[0]:
            return
        data = os.read(self.process.stdout.fileno(), 1 << 20)
        if not data:
            raise Lost("agent ended with %s" % self.process.wait())
        self.bytes_up += len(data)
        if not self._booted:
            self._raw += data
            if b"SKEIN-BOOT\n" not in self._raw:
                return
            data = self._raw.partition(b"SKEIN-BOOT\n")[2]
            self._booted = True
        if self._inflate is not None:
            data = self._inflate.decompress(data)
        for got in self._decoder.feed(data):
            payload = self._joiner.join(got)
            if payload is None:
                continue
            value = frames.unpack(payload)
            if got[0] == frames.SOURCE_MISSING:
                self.missing.append(value[0])
                self.send(frames.SOURCE, self.served.get(value[0], [value[0], 0, None, u""]))
            else:
                self.messages.append((got[0], got[1], value, got[3], got[4]))

    def sources(self, rows):
        self.send(frames.SOURCES, {u"modules": rows})

    def call(self, calls, stop=False, ctx=1, ident=None):
        ident = ident or self.next_ident()
        self.send(frames.CALL, {u"stop": stop, u"calls": calls}, ident, ctx)
        return ident

    def results(self, ident, timeout=20):
        rows = []
        while True:
            _, flags, value, _, _ = self.expect(frames.RESULT, ident, timeout=timeout)
            rows.append(value)
            if flags & frames.LAST:
                return rows

    def run(self, calls, stop=False, ctx=1, timeout=20):
        return self.results(self.call(calls, stop, ctx), timeout)

    def close(self):
        try:
            self.send(frames.BYE, None)
            self.process.stdin.close()
        except (IOError, OSError, ValueError):
            pass
        try:
            self.process.wait(5)
        finally:
            self.process.kill()
            self.process.stdout.close()
            subprocess.call(["rm", "-rf", self.folder])


def read(path):
    with open(path, "rb") as source:
        return source.read()


def module_utils():
    """Rows for SOURCES: all of module_utils."""
    rows = [[u"ansible", 1, b"", u"ansible/__init__.py"], [u"ansible.modules", 1, b"", u"ansible/modules/__init__.py"]]
    base = os.path.join(ANSIBLE, "module_utils")
    for folder, _, names in os.walk(base):
        for name in names:
            if name.endswith(".py"):
                path = os.path.join(folder, name)
                dotted = os.path.relpath(path, os.path.dirname(ANSIBLE))[:-3].replace("/", ".")
                package = dotted.endswith(".__init__")
                rows.append([frames.text(dotted[:-9] if package else dotted), int(package), read(path),
                             frames.text(os.path.relpath(path, os.path.dirname(ANSIBLE)))])
    return rows


def module(name):
    """Row for SOURCES: one of Ansible's modules."""
    path = os.path.join(ANSIBLE, "modules", name + ".py")
    return [u"ansible.modules." + name, 0, read(path), u"ansible/modules/%s.py" % name]


def own_module(name, source):
    """Row for SOURCES: a module written in a test."""
    return [u"ansible.modules." + name, 0, source.encode("utf-8"), u"ansible/modules/%s.py" % name]


def call(name, args=None, **keys):
    """A call of an ansible module."""
    row = {u"m": u"ansible.modules." + name, u"args": json.dumps(args or {}).encode("utf-8")}
    row.update(keys)
    return row


def output(result):
    """The JSON that a result's module printed."""
    assert result[1] == 0, result
    return json.loads(result[3].decode("utf-8"))
