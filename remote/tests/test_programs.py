import json
import os
import sys

from driver import frames


def program(agent, source, style, args=b"{}", **keys):
    """Run a program module; the result."""
    agent.sources([[u"prog", 0, source.encode("utf-8"), u"prog"]])
    row = {u"m": u"prog", u"style": style, u"args": args}
    row.update(keys)
    return agent.run([row])[0]


def test_want_json_gets_the_path_of_a_json_file(bare):
    row = program(bare, '#!/bin/sh\n# WANT_JSON\nprintf "%s|" "$#"; cat "$1"; echo oops >&2; exit 4\n', u"want_json",
                  b'{"a": 1}')
    assert row[1:5] == [0, 4, b'1|{"a": 1}', b"oops\n"]


def test_a_python_program_runs_under_the_agents_own_interpreter(bare):
    for shebang in ("#!/usr/bin/python", "#!/usr/bin/env python3", "#!/nowhere/python2.7 -u"):
        row = program(bare, shebang + "\nimport sys, json\nprint(json.dumps([sys.executable, json.load(open("
                      "sys.argv[1]))]))\n", u"want_json", b'{"a": [1]}')
        assert json.loads(row[3].decode()) == [bare.hello["exe"], {"a": [1]}]


def test_json_args_are_put_into_the_source(bare):
    row = program(bare, "#!/usr/bin/python3\njson_arguments = '''<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>'''\n"
                  "import sys\nprint(json_arguments + str(len(sys.argv)))\n", u"json_args", b'{"a": 1}')
    assert row[1:4] == [0, 0, b'{"a": 1}1\n']


def test_old_style_gets_words_in_a_file(bare):
    row = program(bare, '#!/bin/bash\n. "$1"\necho "changed=true msg=$word"\n', u"old", b"word='two words'")
    assert row[3] == b"changed=true msg=two words\n"


def test_a_binary_is_executed_itself(bare):
    with open(os.path.realpath("/bin/cat"), "rb") as source:
        cat = source.read()
    bare.sources([[u"bin", 0, cat, u"bin"]])
    row = bare.run([{u"m": u"bin", u"style": u"binary", u"args": b'{"x": "y"}'}])[0]
    assert row[1:4] == [0, 0, b'{"x": "y"}']


def test_a_script_without_shebang_goes_to_the_shell(bare):
    assert program(bare, 'echo "sh $#"\n', u"want_json")[3] == b"sh 1\n"


def test_an_interpreter_that_is_not_there_is_an_agent_error(bare):
    row = program(bare, "#!/nowhere/ruby\nputs 1\n", u"want_json")
    assert row[1] == 5
    assert b"/nowhere/ruby" in row[4]


def test_commands_go_to_the_shell_with_their_files_and_environment(bare):
    row = bare.run([{u"style": u"command", u"args": b'sh "$SCRIPT" "$WORD"; exit 3', u"env": {u"WORD": u"a b"},
                     u"files": [[u"env:SCRIPT", u"it's.sh", 0o700, b'echo "got $1"\n']]}])[0]
    assert row[1:5] == [0, 3, b"got a b\n", b""]
    row = bare.run([{u"style": u"command", u"args": b"kill -9 $$"}])[0]
    assert row[1:3] == [1, -9]


def test_output_may_be_binary_and_reopened(bare):
    row = bare.run([{u"style": u"command", u"args": b"printf 'a'; printf b >/dev/stdout; printf '\\377\\000'"}])[0]
    assert row[3] == b"ab\xff\x00"
    row = bare.run([{u"style": u"command", u"args": b"head -c 20000000 /dev/zero; head -c 3000000 /dev/zero >&2"}])[0]
    assert (len(row[3]), len(row[4])) == (20000000, 3000000)


def test_nothing_of_a_program_stays_on_disk(bare):
    program(bare, "#!/bin/sh\nexit 0\n", u"want_json")
    assert os.listdir(bare.hello["tmp"]) == []
    assert sys.executable and frames.MAGIC == 0x5E1A
