"""Calls that outlive their task (`async`): a job writes its result to a file that Ansible's async_status reads.

This part of the agent is sent with the calls that need it.

Names and contents of the file are those of modules/async_wrapper.py of ansible-core.
"""
import json
import os
import signal
import time
import traceback

from agent import channel, frames, modules, task as tasks, temp


def run(executor, call):
    """Start `call` as a job of its own and say so. Returns a result without index."""
    if call.get("style", "new") == "new":
        try:
            modules.prepare(executor.imports, str(call["m"]))
        except Exception:
            # It fails in the job, where it is written down.
            pass
    prefix, limit = call["job"]
    call = dict(call)
    del call["job"]
    environment = call.get("env") or {}
    folder = frames.native(environment.get("ANSIBLE_ASYNC_DIR") or u"~/.ansible_async")
    folder = os.path.expanduser(folder)
    ident = "%s.%d" % (frames.native(prefix), os.getpid())
    path = os.path.join(folder, ident)
    try:
        temp.make_folders_above(folder, 0o777)
        _write(path, {"started": 1, "finished": 0, "ansible_job_id": ident})
        pid = os.fork()
    except EnvironmentError as error:
        words = "could not create directory: %s - %s" % (folder, error)
        return _answer({"failed": 1, "msg": words})
    if pid == 0:
        try:
            _detach(executor)
            _supervise(executor, call, ident, path, limit)
        except BaseException:
            _write(path, _failure(ident, "", ""))
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    return _answer({"failed": 0, "started": 1, "finished": 0, "ansible_job_id": ident, "results_file": path})


def _answer(value):
    return [tasks.RAN, 0, json.dumps(value).encode("utf-8"), b"", {}]


def _detach(executor):
    """Leave the session, so that the end of the connection is no end of the job."""
    os.setsid()
    os.umask(0o022)
    if os.fork():
        os._exit(0)
    for fd in (executor._read_fd, executor._write_fd):
        channel.close(fd)
    executor._streams = executor._identities()
    # Nobody can be asked any more, and this process is the job's own.
    executor.imports._ask = lambda name: (0, None, "")
    executor.isolation = lambda call: "warm"


def _supervise(executor, call, ident, path, limit):
    """Wait for the process that runs the module, and kill it with all it started when its time is over."""
    pid = os.fork()
    if pid == 0:
        try:
            os.setpgid(0, 0)
            _run(executor, call, ident, path)
        finally:
            os._exit(0)
    end = time.time() + limit
    pause = 0.05
    while os.waitpid(pid, os.WNOHANG) == (0, 0):
        if time.time() >= end:
            _write(path, {"msg": "Timeout exceeded", "failed": True, "child_pid": pid, "ansible_job_id": ident})
            for victim in (-pid, pid):
                try:
                    os.kill(victim, signal.SIGKILL)
                except OSError:
                    pass
            return
        time.sleep(pause)
        pause = min(1, pause * 1.5)


def _run(executor, call, ident, path):
    # The folder of the connection goes when it ends: a job has its own.
    executor.tmp = temp.make_unique(os.path.join(os.path.dirname(executor.tmp or "/tmp/x"), "skein-job-"))
    task = tasks.Task(executor, call)
    out = err = ""
    try:
        result = task.run()
        out, err = [frames.text(part.decode("utf-8", "replace")) for part in result[2:4]]
        value = _parse(out)
        if err:
            value["stderr"] = err
    except Exception:
        value = _failure(ident, out, err)
    finally:
        task.close()
        temp.remove(executor.tmp)
    _write(path, value)


def _failure(ident, out, err):
    return {"failed": 1, "cmd": "", "data": out, "stderr": err, "msg": traceback.format_exc(), "ansible_job_id": ident}


def _parse(out):
    """The JSON object in what a module printed; a warning for what stands behind it."""
    lines = out.splitlines()
    starts = [at for at, line in enumerate(lines) if line.strip().startswith("{")]
    if not starts:
        raise ValueError("No start of json char found")
    ends = [at for at, line in enumerate(lines) if line.strip().endswith("}") and at >= starts[0]]
    if not ends:
        raise ValueError("No end of json char found")
    value = json.loads("\n".join(lines[starts[0]:ends[-1] + 1]))
    junk = lines[ends[-1] + 1:]
    if junk:
        warnings = value.get("warnings", [])
        warnings = warnings if isinstance(warnings, list) else [warnings]
        value["warnings"] = warnings + ["Module invocation had junk after the JSON data: %s" % "\n".join(junk)]
    return value


def _write(path, value):
    """All at once: readers see the file before or after."""
    with open(path + ".tmp", "w") as target:
        target.write(json.dumps(value))
    os.rename(path + ".tmp", path)
