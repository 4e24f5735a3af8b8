import json
import os
import time

import pytest

import driver
from driver import call, frames, module, output, own_module

WAIT = """
import json, os, sys, time
time.sleep(%s)
print(json.dumps(dict(pid=os.getpid(), cwd=os.getcwd())))
sys.exit(0)
"""


@pytest.fixture
def agent(agent):
    """An agent that has the part for jobs, as the controller packs it."""
    source = driver.read(os.path.join(driver.ROOT, "remote/agent/jobs.py"))
    source = source.replace(b"from agent import", b"from skein_agent import")
    agent.sources([[u"skein.jobs", 0, source, u"<skein>/jobs.py"]])
    return agent


def start(agent, folder, name, seconds=20, args=None, **keys):
    """Start a job; (its file, what was said of it)."""
    env = {u"ANSIBLE_ASYNC_DIR": frames.text(str(folder))}
    said = output(agent.run([call(name, args, job=[u"j1", seconds], env=env, **keys)])[0])
    return os.path.join(str(folder), said["ansible_job_id"]), said


def end_of(path, timeout=15):
    """The content of a job's file when it is through."""
    limit = time.time() + timeout
    while time.time() < limit:
        with open(path) as source:
            value = json.load(source)
        if "started" not in value:
            return value
        time.sleep(0.05)
    raise AssertionError("the job did not end")


def test_a_job_is_answered_at_once_and_leaves_its_result_in_a_file(agent, tmp_path):
    agent.sources([own_module("wait", WAIT % 1)])
    began = time.time()
    path, said = start(agent, tmp_path / "jobs", "wait")
    assert time.time() - began < 0.9
    assert said == {"failed": 0, "started": 1, "finished": 0, "results_file": path,
                    "ansible_job_id": os.path.basename(path)}
    with open(path) as source:
        assert json.load(source) == {"started": 1, "finished": 0, "ansible_job_id": said["ansible_job_id"]}
    assert end_of(path)["pid"]


def test_a_job_survives_the_agent(agent, tmp_path):
    agent.sources([own_module("wait", WAIT % 1)])
    path, _ = start(agent, tmp_path, "wait")
    agent.close()
    assert end_of(path)["pid"]


def test_a_job_does_not_hold_up_what_comes_after_it(agent, tmp_path):
    agent.sources([own_module("wait", WAIT % 5), own_module("quick", "print('{}')\nraise SystemExit(0)")])
    start(agent, tmp_path, "wait")
    began = time.time()
    assert output(agent.run([call("quick")])[0]) == {}
    assert time.time() - began < 3


def test_a_job_is_killed_with_its_children_when_its_time_is_over(agent, tmp_path):
    agent.sources([own_module("late", "import subprocess\nsubprocess.call(['sleep', '61.25'])\n")])
    path, _ = start(agent, tmp_path, "late", 1)
    value = end_of(path)
    assert (value["failed"], value["msg"]) == (True, "Timeout exceeded")
    time.sleep(0.3)
    assert b"61.25" not in commands()


def commands():
    """The command lines of all processes."""
    lines = []
    for name in os.listdir("/proc"):
        try:
            with open("/proc/%s/cmdline" % name, "rb") as source:
                lines.append(source.read())
        except (IOError, OSError):
            pass
    return b"\n".join(lines)


def test_what_is_no_json_is_a_failure_that_shows_the_output(agent, tmp_path):
    agent.sources([own_module("chatter", "print('hello')\nraise SystemExit(0)")])
    value = end_of(start(agent, tmp_path, "chatter")[0])
    assert value["failed"] == 1
    assert value["data"] == "hello\n"
    assert "No start of json char found" in value["msg"]


def test_output_behind_the_json_is_warned_about_and_errors_are_kept(agent, tmp_path):
    source = "import sys\nprint('{\"a\": 1}')\nprint('rest')\nsys.stderr.write('err')\nsys.exit(0)\n"
    agent.sources([own_module("junk", source)])
    value = end_of(start(agent, tmp_path, "junk")[0])
    assert value == {"a": 1, "stderr": "err", "warnings": ["Module invocation had junk after the JSON data: rest"]}


def test_programs_can_be_jobs(agent, tmp_path):
    agent.sources([[u"prog", 0, b"#!/bin/sh\n# WANT_JSON\necho '{\"b\": 2}'\n", u"prog"]])
    env = {u"ANSIBLE_ASYNC_DIR": frames.text(str(tmp_path))}
    row = {u"m": u"prog", u"style": u"want_json", u"args": b"{}", u"job": [u"j2", 5], u"env": env}
    said = output(agent.run([row])[0])
    assert end_of(said["results_file"]) == {"b": 2}


def test_the_real_module_reads_what_a_job_left(agent, tmp_path):
    agent.sources([module("async_status")])
    path, said = start(agent, tmp_path, "command", args={"_raw_params": "echo hi", "_uses_shell": True})
    end_of(path)
    status = {"jid": said["ansible_job_id"], "_async_dir": str(tmp_path)}
    value = output(agent.run([call("async_status", status)])[0])
    assert (value["finished"], value["stdout"], value["ansible_job_id"]) == (1, "hi", said["ansible_job_id"])


def test_without_the_part_for_jobs_nothing_runs(bare):
    bare.sources([own_module("quick", "print('{}')")])
    row = bare.run([call("quick", job=[u"j1", 5])])[0]
    assert row[1] == 5
    assert b"skein.jobs" in row[4]


def test_a_folder_that_cannot_be_made_is_a_failure(agent):
    agent.sources([own_module("quick", "print('{}')\nraise SystemExit(0)")])
    row = call("quick", job=[u"j1", 5], env={u"ANSIBLE_ASYNC_DIR": u"/dev/null/jobs"})
    value = output(agent.run([row])[0])
    assert value["failed"] == 1
    assert "/dev/null/jobs" in value["msg"]


def test_nothing_of_a_job_stays_but_its_file(agent, tmp_path):
    agent.sources([own_module("quick", "print('{}')\nraise SystemExit(0)")])
    path, _ = start(agent, tmp_path, "quick")
    end_of(path)
    assert os.listdir(str(tmp_path)) == [os.path.basename(path)]
    assert not [name for name in os.listdir(agent.folder) if "job" in name]
