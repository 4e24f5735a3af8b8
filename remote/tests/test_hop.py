import os
import shutil
import stat
import subprocess
import time

import pytest

from driver import PYTHON, Agent, call, frames, module, module_utils, output

PROMPT = u"\\[sudo via skein\\] password:"
FAILED = [[u"Sorry, try again\\.", u"Incorrect sudo password"], [u"a password is required", u"Missing sudo password"]]
# Other accounts can be tried by root only, and with an interpreter that they may run.
NOT_FOR_OTHERS = os.getuid() != 0 or PYTHON.startswith("/root/")
STUB = """#!/bin/sh
# Stands in for sudo: asks twice when the password is wrong, then runs the rest.
{before}
while [ "$1" != "--" ]; do shift; done; shift
{ask}
exec "$@"
"""
ASK = """printf '[sudo via skein] password:' >&2
read -r line
if [ "$line" != 's3cret' ]; then printf '{again}[sudo via skein] password:' >&2; read -r line; exit 1; fi
"""


def stub(tmp_path, ask="", before=":"):
    """PATH with a `sudo` of ours in front."""
    path = tmp_path / "sudo"
    path.write_text(STUB.format(before=before, ask=ask))
    path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    return dict(os.environ, PATH="%s:%s" % (tmp_path, os.environ["PATH"]))


def spawn(agent, ctx=2, dst=1, argv=None, **keys):
    argv = argv or [u"sudo", u"-u", u"x", u"--", u"/bin/sh", u"-c", u"{boot}"]
    spec = {u"ctx": ctx, u"method": u"sudo", u"argv": argv,
            u"prompt": PROMPT, u"password": None, u"failed": FAILED, u"timeout": 10.0, u"pty": False}
    spec.update(keys)
    agent.send(frames.SPAWN, spec, dst=dst)


@pytest.fixture
def agent_with(tmp_path):
    made = []

    def make(ask="", before=":"):
        one = Agent(env=stub(tmp_path, ask, before))
        made.append(one)
        one.sources(module_utils() + [module("ping"), module("command")])
        return one
    yield make
    for one in made:
        one.close()


def removed(agent, ctx=2):
    _, _, value, _, _ = agent.expect(frames.ROUTE_REMOVED)
    assert value[0] == ctx
    return value[1:]


def test_a_call_sent_right_behind_spawn_runs_in_the_child(agent_with):
    agent = agent_with()
    spawn(agent)
    row = agent.run([call("ping", {"data": "deep"})], ctx=2)[0]
    assert output(row)["ping"] == "deep"
    hello = agent.expect(frames.HELLO, src=2)[2]
    assert hello["pid"] != agent.hello["pid"]
    assert agent.missing == []


def test_the_password_is_given_once_at_the_prompt(agent_with):
    agent = agent_with(ASK.format(again=""))
    spawn(agent, password=b"s3cret")
    assert output(agent.run([call("ping")], ctx=2)[0])["ping"] == "pong"


@pytest.mark.parametrize("again", ["", "Sorry, try again.\\n"])
def test_a_wrong_password_is_told_at_the_second_prompt(agent_with, again):
    agent = agent_with(ASK.format(again=again))
    spawn(agent, password=b"wrong")
    assert removed(agent) == ["become-password-wrong", "Incorrect sudo password"]


def test_a_missing_password_is_told_at_the_first_prompt(agent_with):
    agent = agent_with(ASK.format(again=""))
    spawn(agent)
    assert removed(agent) == ["become-password-missing", "Missing sudo password"]
    spawn(agent, ctx=3, argv=[u"sh", u"-c", u"echo sudo: a password is required >&2; sleep 5 # {boot}"])
    assert removed(agent, 3) == ["become-password-missing", "Missing sudo password"]


def test_a_failure_comes_with_what_was_said(agent_with):
    agent = agent_with(before="echo 'x is not in the sudoers file' >&2; exit 3")
    spawn(agent)
    code, words = removed(agent)
    assert code == "become-failed"
    assert "x is not in the sudoers file" in words
    assert "status 3" in words


def test_a_command_that_is_not_there_is_named(agent_with):
    agent = agent_with()
    spawn(agent, argv=[u"no-such-sudo", u"{boot}"])
    code, words = removed(agent)
    assert code == "become-failed"
    assert "no-such-sudo" in words


def test_a_command_without_place_for_the_agent_is_refused(agent_with):
    agent = agent_with()
    spawn(agent, argv=[u"sudo", u"true"])
    code, words = removed(agent)
    assert code == "become-failed"
    assert "{boot}" in words


def test_a_hop_that_hangs_ends_at_its_deadline(agent_with):
    agent = agent_with(before="sleep 30")
    start = time.time()
    spawn(agent, timeout=0.4)
    assert removed(agent)[0] == "become-timeout"
    assert time.time() - start < 3
    spawn(agent, ctx=3, argv=[u"/bin/sh", u"-c", u"{boot}"])
    assert output(agent.run([call("ping")], ctx=3)[0])["ping"] == "pong"


def test_a_prompt_on_a_terminal_is_answered_there(agent_with):
    agent = agent_with("""printf '[sudo via skein] password:' >/dev/tty
read -r line </dev/tty
[ "$line" = s3cret ] || exit 1
""")
    spawn(agent, password=b"s3cret", pty=True)
    assert output(agent.run([call("ping")], ctx=2)[0])["ping"] == "pong"


def test_a_child_that_dies_is_lost_with_its_calls(agent_with):
    agent = agent_with()
    spawn(agent)
    hello = agent.expect(frames.HELLO, src=2)[2]
    agent.call([call("command", {"_raw_params": "sleep 9"})], ctx=2)
    time.sleep(0.3)
    os.kill(hello["pid"], 9)
    assert removed(agent)[0] == "lost"
    agent.call([call("ping")], ctx=2)
    assert removed(agent)[0] == "lost"


def test_a_grandchild_is_reached_through_its_parent(agent_with):
    agent = agent_with()
    spawn(agent)
    spawn(agent, ctx=3, dst=2)
    ident = agent.call([call("ping", {"data": "3"})], ctx=3)
    other = agent.call([call("ping", {"data": "2"})], ctx=2)
    assert output(agent.results(ident)[0])["ping"] == "3"
    assert output(agent.results(other)[0])["ping"] == "2"
    parent = agent.expect(frames.HELLO, src=2)[2]["pid"]
    os.kill(parent, 9)
    assert sorted([agent.expect(frames.ROUTE_REMOVED)[2][0] for _ in range(2)]) == [2, 3]


def test_sources_that_nobody_has_are_asked_from_the_controller_for_a_child(agent_with):
    agent = agent_with()
    source = b"print('{}')\nraise SystemExit(0)\n"
    agent.served["ansible.modules.late"] = [u"ansible.modules.late", 0, source, u"late.py"]
    spawn(agent)
    assert agent.run([call("late")], ctx=2)[0][3] == b"{}\n"
    assert agent.run([call("late")])[0][3] == b"{}\n"
    assert agent.missing == ["ansible.modules.late"]


def test_a_child_that_speaks_for_others_is_cut_off(agent_with):
    agent = agent_with()
    spawn(agent, argv=pretend(frames.message(frames.LOG, 0, 1, 0, [0, u"I am 1"])))
    code, words = removed(agent)
    assert code == "lost"
    assert "does not live there" in words


@pytest.mark.parametrize("data", [
    b"this is not a frame at all", frames.message(frames.SOURCE_MISSING, 0, 2, 0, 7),
    frames.message(frames.SOURCE_MISSING, 0, 2, 0, [[]]), frames.message(frames.ROUTE_REMOVED, 0, 2, 0, None),
    frames.message(frames.SOURCE_MISSING, 0, 2, 0, []), frames.frame(frames.SOURCE_MISSING, 0, 2, 0, b""),
])
def test_a_child_that_sends_nonsense_is_cut_off_alone(agent_with, data):
    agent = agent_with()
    spawn(agent, argv=pretend(data))
    assert removed(agent)[0] == "lost"
    assert output(agent.run([call("ping")])[0])["ping"] == "pong"


def pretend(data):
    """A command that says it is an agent and then sends `data`."""
    octal = "".join("\\%03o" % byte for byte in bytearray(data))
    return [u"sh", u"-c", u"printf 'SKEIN-BOOT\\n'; cat >/dev/null & printf '%s'; sleep 5 # {boot}" % octal]


def test_the_password_shows_in_no_argument_environment_or_message(agent_with):
    look = "ps -o args= -p $$ -p $PPID >&2; env >&2"
    agent = agent_with(before=look, ask=ASK.format(again="") + "echo \"you said $line\" >&2; exit 5\n")
    spawn(agent, password=b"s3cret")
    code, words = removed(agent)
    assert code == "become-failed"
    assert "you said" in words
    assert "s3cret" not in words


def test_end_of_input_ends_the_children_too(agent_with):
    agent = agent_with()
    spawn(agent)
    hello = agent.expect(frames.HELLO, src=2)[2]
    agent.process.stdin.close()
    agent.process.wait(5)
    end = time.time() + 3
    while os.path.exists(hello["tmp"]) and time.time() < end:
        time.sleep(0.02)
    assert not os.path.exists(hello["tmp"])


@pytest.mark.skipif(NOT_FOR_OTHERS or not shutil.which("runuser"), reason="needs root")
def test_another_account_is_really_another_account(agent_with):
    agent = agent_with()
    spawn(agent, argv=[u"runuser", u"-u", u"nobody", u"--", u"/bin/sh", u"-c", u"{boot}"])
    row = agent.run([call("command", {"_raw_params": "id -un"})], ctx=2)[0]
    assert output(row)["stdout"] == "nobody"
    hello = agent.expect(frames.HELLO, src=2)[2]
    assert hello["user"] == "nobody"
    assert os.stat(hello["tmp"]).st_uid == hello["uid"]


@pytest.mark.skipif(NOT_FOR_OTHERS or not shutil.which("su"), reason="needs root")
def test_su_takes_the_first_stage_as_one_argument(agent_with):
    agent = agent_with()
    spawn(agent, argv=[u"su", u"-s", u"/bin/sh", u"nobody", u"-c", u"{boot}"])
    assert agent.expect(frames.HELLO, src=2)[2]["user"] == "nobody"


@pytest.mark.skipif(NOT_FOR_OTHERS or subprocess.call(["sudo", "-n", "true"]) != 0, reason="needs root and sudo")
def test_real_sudo_becomes_another_account(tmp_path):
    agent = Agent()
    try:
        agent.sources(module_utils() + [module("command")])
        spawn(agent, argv=[u"sudo", u"-H", u"-S", u"-n", u"-u", u"nobody", u"/bin/sh", u"-c", u"{boot}"])
        assert output(agent.run([call("command", {"_raw_params": "id -un"})], ctx=2)[0])["stdout"] == "nobody"
    finally:
        agent.close()
