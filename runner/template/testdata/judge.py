"""What the installed Ansible makes of rows: a row and its variables in, its value or error out.

Imported by make_rows.py. Run as a program it answers questions: a line of JSON {"vars": ..., "rows": [...]} comes in, a line with the
list of answers goes out. Values are written with their Python types kept, see encode().
"""
import fcntl
import json
import os
import re
import signal
import sys

os.environ.update(HOME="/home/tester", TZ="UTC", SKEIN_ROW="from env", ANSIBLE_NOCOLOR="1", LC_ALL="C.UTF-8")

from ansible import constants as C  # noqa: E402
from ansible.parsing.dataloader import DataLoader  # noqa: E402
from ansible.playbook.conditional import Conditional  # noqa: E402
from ansible.release import __version__  # noqa: E402
from ansible.template import AnsibleEnvironment, AnsibleNativeEnvironment, Templar  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
SECONDS_PER_ROW = 5


def encode(value):
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value) if abs(value) < 2 ** 53 else {"int": str(value)}
    if isinstance(value, float):
        return {"float": repr(value)}
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, tuple):
        return {"tuple": [encode(item) for item in value]}
    if isinstance(value, list):
        return [encode(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return {"set": sorted((encode(item) for item in value), key=str)}
    if isinstance(value, dict):
        return {"dict": [[encode(key), encode(inner)] for key, inner in value.items()]}
    return {"other": str(value)}


def decode(value):
    if isinstance(value, list):
        return [decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    (kind, inner), = value.items()
    if kind == "dict":
        return {decode(key): decode(item) for key, item in inner}
    if kind == "tuple":
        return tuple(decode(item) for item in inner)
    return {"int": int, "float": float}[kind](inner)


TEMPLARS = {}


def templar_for(row, variables):
    native = bool(row.get("native"))
    extensions = [] if row.get("bare") else ["jinja2.ext.do", "jinja2.ext.loopcontrols"]
    C.DEFAULT_JINJA2_NATIVE = native
    kind = (native, bool(extensions))
    if kind not in TEMPLARS:
        loader = DataLoader()
        loader.set_basedir(HERE)
        TEMPLARS[kind] = Templar(loader, variables=variables)
        for extension in extensions:
            TEMPLARS[kind].environment.add_extension(extension)
    templar = TEMPLARS[kind]
    templar.available_variables = variables
    templar.environment.template_class.environment_class = type(templar.environment)
    return templar


def evaluate(row, variables):
    templar = templar_for(row, variables)
    if "when" in row:
        conditional = Conditional(loader=templar._loader)
        conditional.when = [row["when"]]
        return bool(conditional.evaluate_conditional(templar, variables))
    if "file" in row:
        overrides = dict(row.get("options", {}))
        environment = AnsibleNativeEnvironment if row.get("native") else AnsibleEnvironment
        templar = templar.copy_with_new_env(
            environment_class=environment, searchpath=[os.path.join(HERE, "templates")], **overrides)
        return templar.do_template(row["file"], preserve_trailing_newlines=True,
                                   escape_backslashes=False)
    return templar.template(row["template"])


class TooSlow(BaseException):
    pass


def give_up(*_):
    raise TooSlow()


def result_of(row, variables):
    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(SECONDS_PER_ROW)
    try:
        return {"value": encode(evaluate(row, variables))}
    except TooSlow:
        return {"slow": True}
    except Exception as error:  # every class of error is a result here
        message = getattr(error, "message", None) or str(error)
        return {"error": type(error).__name__, "message": re.sub(r"0x[0-9a-f]{8,}", "0x0", message)}
    finally:
        signal.alarm(0)


def main():
    os.chdir(HERE)
    # Whatever a lookup or a warning prints must not come between the answers.
    # And no row may find it open as a file of a small number.
    answers = os.fdopen(fcntl.fcntl(1, fcntl.F_DUPFD, 773), "w")
    os.dup2(2, 1)
    answers.write(json.dumps({"version": __version__}) + "\n")
    answers.flush()
    for line in sys.stdin:
        question = json.loads(line)
        shared = decode(question["vars"])
        results = []
        for row in question["rows"]:
            own = decode(row["vars"]) if "vars" in row else {}
            results.append(result_of(row, dict(shared, **own)))
        answers.write(json.dumps(results) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
