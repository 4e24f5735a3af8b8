import json
import os
import signal
import time

import pytest

from agent import leaks
from driver import Agent, Lost, call, frames, module, module_utils, output, own_module

OK = 'from ansible.module_utils.basic import AnsibleModule\nm = AnsibleModule(dict(a=dict()))\n%s\nm.exit_json(x=1)\n'


def test_runs_modules_warm_and_in_forks_with_the_same_answers(agent):
    calls = [call("ping", {"data": "x"}), call("command", {"_raw_params": "printf hi"}), call("stat", {"path": "/"})]
    for iso in (u"warm", u"fork"):
        rows = agent.run([dict(one, iso=iso) for one in calls])
        assert [row[0] for row in rows] == [0, 1, 2]
        assert output(rows[0])["ping"] == "x"
        assert output(rows[1])["stdout"] == "hi"
        assert output(rows[2])["stat"]["isdir"] is True
        assert [row[5] for row in rows] == [{}, {}, {}]


def test_file_modules_do_their_work(agent, tmp_path):
    path = str(tmp_path / "f")
    rows = agent.run([
        call("file", {"path": path, "state": "touch", "mode": "0640"}),
        call("lineinfile", {"path": path, "line": "one", "unsafe_writes": False}),
        call("lineinfile", {"path": path, "line": "one"}),
        call("copy", {"src": path, "dest": path + "2", "remote_src": True}),
    ])
    assert [output(row)["changed"] for row in rows] == [True, True, False, True]
    with open(path + "2") as source:
        assert source.read() == "one\n"


def test_hundred_warm_calls_are_quick_and_each_is_fresh(agent, capsys):
    agent.run([call("command", {"_raw_params": "hostname"})])
    start = time.time()
    rows = agent.run([call("command", {"_raw_params": "hostname"})] * 100)
    spent = (time.time() - start) * 10
    with capsys.disabled():
        print("\n[hello %.0f ms, warm command %.2f ms]" % (agent.hello_seconds * 1000, spent))
    assert len(rows) == 100
    assert all(row[1:3] == [0, 0] and not row[5] for row in rows)


def test_warnings_of_one_run_do_not_show_in_the_next(agent):
    agent.sources([own_module("warns", OK % 'm.params["a"] and m.warn(m.params["a"])')])
    rows = [output(row) for row in agent.run([call("warns", {"a": "careful"}), call("warns")])]
    assert rows[0]["warnings"] == ["careful"]
    assert "warnings" not in rows[1]


def test_the_distribution_is_looked_at_only_by_modules_that_ask_for_it(agent):
    idle = ('import sys\nloaded = "_skein_load" not in vars(sys.modules["ansible.module_utils.distro"])\n'
            'm.exit_json(loaded=loaded)')
    asks = ('from ansible.module_utils import distro\n'
            'm.exit_json(id=distro.id(), path=distro.__path__, has=hasattr(distro, "no_such_name"))')
    agent.sources([own_module("idle", OK % idle), own_module("asks", OK % asks)])
    rows = [output(row) for row in agent.run([call("idle"), call("asks"), call("idle")])]
    assert rows[0]["loaded"] is False
    assert rows[1]["id"] and rows[1]["path"] == [] and rows[1]["has"] is False
    assert rows[2]["loaded"] is True


def test_modules_see_a_main_module_like_ansibles_own_wrapper_makes(agent):
    agent.sources([own_module("seen", (
        "import sys, os, json\n"
        "import __main__\n"
        "print(json.dumps(dict(name=__name__, file=__file__, package=__package__, main=__main__._module_fqn,\n"
        "      argv=sys.argv, stdin=sys.stdin.read(), isatty=os.isatty(0))))\nsys.exit(3)\n"))])
    for iso in (u"warm", u"fork"):
        row = agent.run([call("seen", iso=iso)])[0]
        assert row[1:3] == [0, 3]
        seen = json.loads(row[3].decode("utf-8"))
        assert seen == {"name": "__main__", "file": "ansible/modules/seen.py", "package": "ansible.modules",
                        "main": "ansible.modules.seen", "argv": ["ansible/modules/seen.py"], "stdin": "",
                        "isatty": False}


def test_an_uncaught_error_is_a_traceback_and_status_1(agent):
    agent.sources([own_module("bad", "def f():\n    raise ValueError('no')\nf()\n"),
                   own_module("syntax", "def (:\n"), own_module("silent", "pass\n"),
                   own_module("words", "import sys\nsys.exit('told you')\n")])
    rows = agent.run([call(name, iso=iso) for iso in (u"warm", u"fork") for name in (
        "bad", "syntax", "silent", "words")])
    for at in (0, 4):
        assert rows[at][1:3] == [0, 1]
        error = rows[at][4].decode("utf-8")
        assert error.startswith("Traceback (most recent call last):\n  File \"ansible/modules/bad.py\", line 3")
        assert "ValueError: no" in error
        assert rows[at + 1][1:3] == [0, 1]
        assert b"SyntaxError" in rows[at + 1][4]
        assert b"did not handle its own exit" in rows[at + 2][3]
        assert rows[at + 3][1:3] == [0, 1]
        assert rows[at + 3][4] == b"told you\n"


def test_a_missing_module_is_asked_for_once_and_then_an_agent_error(agent):
    rows = agent.run([call("nowhere"), call("nowhere")])
    assert [row[1] for row in rows] == [5, 5]
    assert b"ansible.modules.nowhere" in rows[0][4]
    assert agent.missing == ["ansible.modules.nowhere"]


@pytest.mark.parametrize("iso", [u"warm", u"fork"])
def test_a_missing_import_is_asked_for_and_is_an_ordinary_import_error(agent, iso):
    agent.served["ansible.module_utils.extra"] = [u"ansible.module_utils.extra", 0, b"WORD = 'yes'\n", u"extra.py"]
    agent.sources([own_module("wants", OK % (
        "try:\n    from ansible.module_utils import never_there\n    got = 'x'\n"
        "except ImportError:\n    got = 'no'\n"
        "def late():\n    from ansible.module_utils.extra import WORD\n    return WORD\n"
        "m.exit_json(got=got, word=late())"))])
    rows = agent.run([call("wants", iso=iso)] * 2)
    assert [(output(row)["got"], output(row)["word"]) for row in rows] == [("no", "yes")] * 2
    assert sorted(agent.missing) == ["ansible.module_utils.extra", "ansible.module_utils.never_there"]


def test_an_ansible_that_is_installed_on_the_target_is_not_used(agent):
    agent.sources([own_module("where", OK % (
        "from ansible.module_utils import basic\n"
        "try:\n    import ansible.release\n    leaked = True\nexcept ImportError:\n    leaked = False\n"
        "m.exit_json(file=basic.__file__, leaked=leaked)"))])
    row = output(agent.run([call("where")])[0])
    assert row["file"] == "ansible/module_utils/basic.py"
    assert row["leaked"] is False


def test_relative_imports_of_collections_work(agent):
    base = u"ansible_collections.acme.tools.plugins."
    agent.sources([
        [base + u"module_utils.helper", 0, b"def word():\n    return 'helped'\n", u"c/helper.py"],
        [base + u"modules.act", 0, (
            b"from ansible.module_utils.basic import AnsibleModule\n"
            b"from ..module_utils.helper import word\n"
            b"AnsibleModule({}).exit_json(word=word())\n"), u"c/act.py"]])
    for iso in (u"warm", u"fork"):
        row = agent.run([{u"m": base + u"modules.act", u"args": b"{}", u"iso": iso}])[0]
        assert output(row)["word"] == "helped"
    assert agent.missing == []


def test_stop_ends_a_batch_at_the_first_failure(agent):
    agent.sources([own_module("fails", OK % "m.fail_json(msg='x')"),
                   own_module("soft", "print('{\"failed\": true}')\nraise SystemExit(0)\n"),
                   own_module("fine", "print('{\"failed\": false}')\nraise SystemExit(0)\n")])
    for name in ("fails", "soft"):
        rows = agent.run([call("fine"), call(name), call("ping"), call("ping")], stop=True)
        assert [row[1] for row in rows] == [0, 0, 4, 4]
    rows = agent.run([call("fails"), call("ping")])
    assert [row[1] for row in rows] == [0, 0]


def test_what_a_run_changes_is_undone_and_told(agent):
    agent.sources([own_module("leaky", OK % (
        "import os, sys, signal, socket\n"
        "os.chdir('/usr'); os.umask(0o77); os.environ['LEAK'] = '1'; os.environ.pop('PATH')\n"
        "signal.signal(signal.SIGUSR1, signal.SIG_IGN); sys.path.insert(0, '/x'); signal.alarm(100)\n"
        "socket.setdefaulttimeout(3)")),
        own_module("state", OK % (
            "import os, sys, signal, socket\nmask = os.umask(0); os.umask(mask)\n"
            "m.exit_json(state=[os.getcwd(), mask, os.environ.get('LEAK'), 'PATH' in os.environ,\n"
            "  signal.getsignal(signal.SIGUSR1) == signal.SIG_DFL, '/x' in sys.path, socket.getdefaulttimeout()])"))])
    before, leaky, after = agent.run([call("state"), call("leaky"), call("state")])
    assert output(before)["state"] == output(after)["state"]
    told = " ".join(leaky[5]["leaks"])
    for word in ("cwd", "umask", "LEAK", "PATH", "signal 10", "sys.path", "alarm", "timeout"):
        assert word in told
    assert after[5] == {}


def test_a_module_that_leaves_a_descriptor_or_thread_is_forked_from_then_on(agent):
    agent.sources([own_module("holds", OK % (
        "import os\nopen_fd = os.open('/etc/passwd', os.O_RDONLY)\nm.exit_json(pid=os.getpid(), parent=os.getppid())")),
        own_module("spins", OK % (
            "import threading, time, os\nt = threading.Thread(target=time.sleep, args=(60,))\nt.daemon = True\n"
            "t.start()\nm.exit_json(pid=os.getpid())"))])
    first = agent.run([call("holds")])[0]
    assert "/etc/passwd" in first[5]["leaks"][0]
    second = agent.run([call("holds")])[0]
    assert second[5] == {}
    assert output(second)["parent"] != output(first)["parent"]
    rows = agent.run([call("spins"), call("spins")])
    assert "threads" in rows[0][5]["leaks"][0]
    assert rows[1][5] == {}
    assert output(rows[0])["pid"] != output(rows[1])["pid"]


def test_where_nothing_lists_descriptors_those_left_open_are_found_by_trying(monkeypatch):
    monkeypatch.setattr(leaks, "_FD_FOLDER", "/nowhere")
    before = leaks.Snapshot()
    left = os.open("/etc/passwd", os.O_RDONLY)
    try:
        assert any("descriptor %d" % left in one for one in before.repair()[1])
    finally:
        os.close(left)
    assert leaks.Snapshot().repair() == ([], [])


def test_exit_hooks_of_a_module_run_when_its_call_ends(agent, tmp_path):
    mark = str(tmp_path / "mark")
    agent.sources([own_module("hooks", OK % (
        "import atexit\natexit.register(lambda: open(%r, 'a').write('x'))" % mark))])
    agent.run([call("hooks"), call("hooks"), call("hooks", iso=u"fork")])
    with open(mark) as source:
        assert source.read() == "xxx"


def test_the_tmpdir_argument_becomes_a_folder_of_the_call_and_goes_with_it(agent):
    agent.sources([own_module("tmp", OK % (
        "import os\nopen(os.path.join(m.tmpdir, 'f'), 'w').close()\n"
        "m.exit_json(tmp=m.tmpdir, mode=os.stat(m.tmpdir).st_mode & 0o777)"))])
    row = output(agent.run([call("tmp", {"_ansible_tmpdir": None})])[0])
    assert row["tmp"].startswith(agent.hello["tmp"])
    assert row["mode"] == 0o700
    assert not os.path.exists(row["tmp"])


def test_the_environment_of_a_call_is_its_own(agent):
    rows = agent.run([call("command", {"_raw_params": "printenv WORD LANG", "_uses_shell": False},
                           env={u"WORD": u"gr\u00fcn", u"LANG": u"C.UTF-8"}),
                      call("command", {"_raw_params": "printenv WORD"})])
    assert output(rows[0])["stdout_lines" if "stdout_lines" in output(rows[0]) else "stdout"] == u"gr\u00fcn\nC.UTF-8"
    assert json.loads(rows[1][3].decode())["rc"] == 1


def test_output_of_50_mb_and_of_every_byte_arrives_whole(agent):
    agent.sources([own_module("big", (
        "import os, sys\nsys.stdout.write('x' * (50 << 20))\nsys.stdout.flush()\n"
        "os.write(2, bytes(bytearray(range(256))))\nos.system('printf child')\n"))])
    for iso in (u"warm", u"fork"):
        row = agent.run([call("big", iso=iso)], timeout=40)[0]
        assert len(row[3]) > 50 << 20
        assert b"child" in row[3][-200:]
        assert row[4] == bytes(bytearray(range(256)))


def test_a_module_that_ends_its_process_costs_one_executor_only(agent):
    agent.sources([own_module("dies", "import os\nprint('x')\nos._exit(7)\n"),
                   own_module("killed", "import os\nos.kill(os.getpid(), 9)\n"),
                   own_module("pid", OK % "import os\nm.exit_json(pid=os.getpid())")])
    rows = agent.run([call("pid"), call("dies"), call("pid"), call("killed"), call("pid")])
    assert [row[:3] for row in rows] == [[0, 0, 0], [1, 1, 7], [2, 0, 0], [3, 1, -9], [4, 0, 0]]
    assert b"status 7" in rows[1][4]
    assert len(set(output(rows[at])["pid"] for at in (0, 2, 4))) == 3
    # Both are known now: they get forks, which leave the executor alone.
    rows = agent.run([call("pid"), call("dies"), call("killed"), call("pid")])
    assert [row[1:3] for row in rows] == [[0, 0], [0, 7], [1, -9], [0, 0]]
    assert output(rows[0])["pid"] == output(rows[3])["pid"]
    rows = agent.run([call("killed", iso=u"fork"), call("ping")], stop=True)
    assert [row[1] for row in rows] == [1, 4]


def test_killing_the_executor_from_outside_loses_one_call(agent):
    agent.sources([own_module("pid", OK % "import os\nm.exit_json(pid=os.getpid())")])
    pid = output(agent.run([call("pid")])[0])["pid"]
    os.kill(pid, signal.SIGKILL)
    time.sleep(0.2)
    assert output(agent.run([call("pid")])[0])["pid"] != pid
    ident = agent.call([call("command", {"_raw_params": "sleep 5"}), call("ping")])
    time.sleep(0.3)
    os.kill(output_pid(agent), signal.SIGKILL)
    rows = agent.results(ident)
    assert [row[1] for row in rows] == [1, 0]
    assert rows[0][2] == -9


def output_pid(agent):
    """The executor of an agent: the child of its router process."""
    with open("/proc/%d/task/%d/children" % (agent.hello["pid"], agent.hello["pid"])) as source:
        return int(source.read().split()[0])


def test_a_deadline_kills_the_module_and_what_it_started(agent, tmp_path):
    mark = str(tmp_path / "mark")
    for iso in (u"warm", u"fork"):
        start = time.time()
        rows = agent.run([call("command", {"_raw_params": "sleep 2; echo x > %s" % mark, "_uses_shell": True},
                               t=0.4, iso=iso), call("ping")])
        assert time.time() - start < 2
        assert [row[1] for row in rows] == [2, 0]
        assert b"0.4 seconds" in rows[0][4]
    time.sleep(2)
    assert not os.path.exists(mark)


def test_cancel_ends_the_running_call_and_the_rest(agent):
    ident = agent.call([call("ping"), call("command", {"_raw_params": "sleep 20"}), call("ping")])
    behind = agent.call([call("ping")])
    waiting = agent.call([call("ping"), call("ping")])
    time.sleep(0.4)
    agent.send(frames.CANCEL, None, waiting)
    agent.send(frames.CANCEL, None, ident)
    assert [row[1] for row in agent.results(ident)] == [0, 3, 3]
    assert [row[1] for row in agent.results(behind)] == [0]
    assert [row[1] for row in agent.results(waiting)] == [3, 3]


def test_daemons_of_earlier_calls_survive_a_kill(agent, tmp_path):
    pidfile = str(tmp_path / "pid")
    agent.run([call("command", {"_raw_params": "sleep 30 >/dev/null 2>&1 & echo $! > %s" % pidfile,
                                "_uses_shell": True})])
    time.sleep(0.2)
    agent.run([call("command", {"_raw_params": "sleep 20"}, t=0.3)])
    time.sleep(0.1)
    with open(pidfile) as source:
        pid = int(source.read())
    os.kill(pid, 0)
    os.kill(pid, signal.SIGKILL)


def test_a_module_that_daemonizes_answers_at_once(agent):
    agent.sources([own_module("daemon", (
        "import os, sys, time\n"
        "if os.fork() == 0:\n    os.setsid()\n    time.sleep(3)\n    sys.exit(0)\n"
        "print('{\"started\": true}')\nsys.exit(0)\n"))])
    for iso in (u"warm", u"fork"):
        start = time.time()
        row = agent.run([call("daemon", iso=iso)])[0]
        assert output(row)["started"] is True
        assert time.time() - start < 2
        assert output(agent.run([call("ping")])[0])["ping"] == "pong"


def test_a_child_of_a_module_that_falls_through_does_not_become_an_executor(agent):
    agent.sources([own_module("forks", (
        "import os, sys\npid = os.fork()\nif pid:\n    os.waitpid(pid, 0)\n"
        "print('child' if pid == 0 else 'parent')\nsys.exit(0)\n"))])
    for iso in (u"warm", u"fork"):
        row = agent.run([call("forks", iso=iso), call("ping")])
        assert [one[1] for one in row] == [0, 0]
        assert row[0][3].split() == [b"child", b"parent"]


def test_closed_streams_and_prints_to_the_protocols_own_descriptors_do_no_harm(agent):
    agent.sources([own_module("closes", (
        "import sys, os\nsys.stdout.write('rubbish\\n')\nsys.stdout.close()\nsys.stdin.close()\n"
        "os.write(1, b'{}')\nos.close(1)\nos.close(2)\nos.close(0)\nsys.exit(0)\n"))])
    rows = agent.run([call("closes"), call("ping"), call("command", {"_raw_params": "cat"})])
    assert [row[1:3] for row in rows] == [[0, 0]] * 3
    assert rows[0][3] == b"rubbish\n{}"


def test_a_module_that_finds_the_executors_own_pipes_harms_itself_only(agent):
    agent.sources([own_module("pokes", (
        "import os\nfor fd in range(3, 1024):\n    try:\n        os.write(fd, b'rubbish on every descriptor')\n"
        "    except OSError:\n        pass\n"))])
    assert agent.run([call("pokes")])[0][1] == 1
    assert output(agent.run([call("ping")])[0])["ping"] == "pong"


def test_threads_and_library_exit_hooks_are_waited_for(agent, tmp_path):
    mark = str(tmp_path / "mark")
    agent.sources([own_module("threads", (
        "import threading, time, sys\n"
        "def late():\n    time.sleep(0.3)\n    open(%r, 'a').write('x')\n"
        "threading.Thread(target=late).start()\nprint('{}')\nsys.exit(0)\n" % mark))])
    rows = agent.run([call("threads"), call("threads", iso=u"fork")])
    assert [row[1:3] + [row[5]] for row in rows] == [[0, 0, {}]] * 2
    with open(mark) as source:
        assert source.read() == "xx"


def test_a_package_that_is_installed_during_the_run_is_seen(tmp_path):
    folder = tmp_path / "site"
    folder.mkdir()
    one = Agent(env=dict(os.environ, PYTHONPATH=str(folder)))
    try:
        one.sources(module_utils() + [
            [u"ansible.module_utils.optional", 0, b"try:\n    import skein_late\n    HAS = True\n"
             b"except ImportError:\n    HAS = False\n", u"optional.py"],
            own_module("asks", OK % "from ansible.module_utils.optional import HAS\nm.exit_json(has=HAS)"),
            own_module("installs", OK % "open(m.params['a'], 'w').close()")])
        install = call("installs", {"a": str(folder / "skein_late.py")})
        rows = one.run([call("asks"), call("asks"), install, call("asks"), call("asks", iso=u"fork")])
        assert [output(row).get("has") for row in rows] == [False, False, None, True, True]
    finally:
        one.close()


def test_respawn_under_another_interpreter_finds_the_sources_on_disk(agent):
    agent.sources([own_module("respawns", (
        "import sys\nfrom ansible.module_utils.basic import AnsibleModule\n"
        "from ansible.module_utils.common.respawn import has_respawned, respawn_module\n"
        "m = AnsibleModule(dict(a=dict()))\n"
        "if not has_respawned():\n    respawn_module('/usr/bin/python3')\n"
        "m.exit_json(a=m.params['a'], file=__file__)\n"))])
    row = output(agent.run([call("respawns", {"a": "7"})])[0])
    assert row["a"] == "7"
    assert not os.path.exists(row["file"])


def test_ping_is_answered_while_a_module_runs(agent):
    ident = agent.call([call("command", {"_raw_params": "sleep 1"})])
    agent.send(frames.PING, None, 77)
    assert agent.expect(frames.PONG, 77, timeout=0.8)
    agent.results(ident)


def test_results_come_singly_when_the_controller_waits_and_in_company_otherwise(agent):
    slow = call("command", {"_raw_params": "sleep 0.3"})
    agent.run([call("ping")])
    ident = agent.call([call("ping"), slow, call("ping")])
    start = time.time()
    agent.expect(frames.RESULT, ident)
    assert time.time() - start < 0.25
    agent.results(ident)


def test_bye_and_end_of_input_and_a_signal_all_clean_up():
    for end in ("bye", "eof", "term"):
        one = Agent()
        one.sources(module_utils() + [module("command")])
        one.call([call("command", {"_raw_params": "sleep 33"})])
        time.sleep(0.5)
        executor = output_pid(one)
        if end == "bye":
            one.send(frames.BYE, None)
        elif end == "eof":
            one.process.stdin.close()
        else:
            os.kill(one.hello["pid"], signal.SIGTERM)
        assert one.process.wait(5) == 0
        assert not os.path.exists(one.hello["tmp"])
        assert not os.path.exists("/proc/%d" % executor)
        one.close()


def test_hello_names_the_account(bare):
    assert bare.hello["v"] == 1
    assert bare.hello["uid"] == os.getuid()
    assert bare.hello["tmp"].startswith(bare.folder)
    assert os.stat(bare.hello["tmp"]).st_mode & 0o777 == 0o700


def test_an_unusable_temp_folder_is_passed_over(tmp_path):
    one = Agent(tmp=[u"/proc/nowhere", u"$NOWHERE/x", u"relative"])
    try:
        assert one.hello["tmp"] == ""
        one.sources(module_utils() + [module("ping")])
        assert output(one.run([call("ping")])[0])["ping"] == "pong"
        row = one.run([call("ping", {"_ansible_tmpdir": None})])[0]
        assert row[1] == 5
        assert b"temporary" in row[4]
    finally:
        one.close()


def test_rubbish_from_the_parent_ends_the_agent_with_a_word():
    one = Agent()
    one.write(b"this is no frame, is it?")
    assert "no frame" in one.expect(frames.LOG)[2][1]
    with pytest.raises(Lost):
        one.expect(frames.PONG)
    one.close()


def test_a_call_that_makes_no_sense_is_an_agent_error(agent):
    rows = agent.run([{u"m": u"x", u"style": u"odd"}, {u"style": u"new"}, call("ping")])
    assert [row[1] for row in rows] == [5, 5, 0]
    assert agent.run([])[0][1] == 5


def test_no_interpreter_is_said_by_the_first_stage():
    import subprocess
    from driver import build
    _, command = build("/nowhere/python3,python9.9")
    process = subprocess.Popen(["/bin/sh", "-c", command], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    out = process.communicate(b"")[0]
    assert out == b"SKEIN-NOPYTHON\n"
    assert process.returncode == 127


CLOSES = ("import os, time\n%s\nos.closerange(%d, %d)\ntime.sleep(%g)\n"
          "from ansible.module_utils.basic import AnsibleModule\nm = AnsibleModule(dict(a=dict()))\n"
          "m.exit_json(x='y' * 3000000, a=m.params['a'], pid=os.getpid(), ppid=os.getppid(),\n"
          "            failed=bool(m.params['a']))\n")


@pytest.mark.parametrize("top", [64, 256, 1 << 14])
@pytest.mark.parametrize("before", ["", "print('a line first')", "os.open('/etc/passwd', os.O_RDONLY)"])
@pytest.mark.parametrize("pause", [0, 0.7])
def test_a_module_that_closes_descriptors_of_others_gives_its_result_and_is_forked_from_then_on(
        agent, top, before, pause):
    agent.sources([own_module("closes", CLOSES % (before, 3, top, pause)),
                   own_module("pid", OK % "import os\nm.exit_json(pid=os.getpid())")])
    agent.run([call("pid")])
    rows = agent.run([call("pid"), call("closes"), call("pid"), call("ping")])
    assert [row[1:3] for row in rows] == [[0, 0]] * 4
    closed = json.loads(rows[1][3].decode("utf-8").splitlines()[-1])
    assert closed["x"] == "y" * 3000000
    assert (b"a line first" in rows[1][3]) == bool("print" in before)
    assert os.listdir(agent.hello["tmp"]) == []
    if top == 1 << 14:
        assert "closed descriptors" in rows[1][5]["leaks"][-1]
        again = agent.run([call("pid"), call("closes"), call("pid")])
        assert [row[1:3] + [row[5]] for row in again] == [[0, 0, {}]] * 3
        executor = output(again[0])["pid"]
        assert output(again[2])["pid"] == executor
        assert json.loads(again[1][3].decode("utf-8").splitlines()[-1])["ppid"] == executor
    elif not before:
        assert rows[1][5] == {}
        assert len(set(output(rows[at])["pid"] for at in (0, 1, 2))) == 1


def test_a_failed_module_that_closes_everything_stops_its_batch(agent):
    agent.sources([own_module("closes", CLOSES % ("", 3, 1 << 14, 0))])
    rows = agent.run([call("ping"), call("closes", {"a": "1"}), call("ping"), call("ping")], stop=True)
    assert [row[1] for row in rows] == [0, 0, 4, 4]
    assert json.loads(rows[1][3].decode("utf-8"))["failed"] is True
    # Alone, and last in a batch with another one behind it.
    first, second = agent.call([call("closes")], ident=70), agent.call([call("ping")], ident=71)
    assert [row[1] for row in agent.results(first) + agent.results(second)] == [0, 0]


def test_a_deadline_ends_a_module_that_closed_everything(agent):
    agent.sources([own_module("closes", CLOSES % ("", 3, 1 << 14, 30))])
    start = time.time()
    rows = agent.run([call("closes", t=0.5), call("closes", t=0.5, iso=u"fork"), call("ping")])
    assert time.time() - start < 4
    assert [row[1] for row in rows] == [2, 2, 0]


def test_a_module_that_closes_everything_and_lacks_an_import_finds_none(agent):
    agent.served["ansible.module_utils.extra"] = [u"ansible.module_utils.extra", 0, b"", u"extra.py"]
    agent.sources([own_module("lacks", OK % (
        "import os\nos.closerange(3, 1 << 14)\n"
        "try:\n    __import__('ansible.module_utils.extra')\n    m.exit_json(has=True)\n"
        "except ImportError:\n    m.exit_json(has=False)\n"))])
    rows = agent.run([call("lacks", iso=iso) for iso in (u"warm", u"fork")])
    assert [output(row)["has"] for row in rows] == [False, False]
    assert agent.missing == []


def test_a_module_that_closes_everything_and_dies_is_lost_and_no_more(agent):
    agent.sources([own_module("dies", "import os\nos.closerange(0, 1 << 14)\nos._exit(7)\n"),
                   own_module("mute", "import os\nos.closerange(0, 1 << 14)\nos.open('/', os.O_RDONLY)\n")])
    rows = agent.run([call("dies"), call("mute"), call("ping"), call("dies"), call("mute")])
    assert [row[1:3] for row in rows] == [[1, 7], [0, 1], [0, 0], [0, 7], [0, 1]]


def test_folders_on_the_way_to_the_temporary_one_are_private(tmp_path):
    one = Agent(tmp=[u"%s/.ansible/deep/tmp" % tmp_path])
    try:
        for name in (".ansible", ".ansible/deep", ".ansible/deep/tmp"):
            assert os.stat(str(tmp_path / name)).st_mode & 0o777 == 0o700
    finally:
        one.close()
