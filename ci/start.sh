#!/usr/bin/env bash
# npm start: everything from a fresh clone to a playbook that ran on this machine. Writes to .cache/, dist/, node_modules/ and
# a temporary directory, which is removed.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

ci/setup.sh run
build_when_needed

place=$(mktemp -d "${TMPDIR:-/tmp}/skein-start.XXXXXX")
trap 'rm -rf "$place"' EXIT
mkdir "$place/home"
export TMPDIR=$place HOME=$place/home ANSIBLE_HOME=$place/ansible ANSIBLE_REMOTE_TEMP=$place/remote ANSIBLE_LOCAL_TEMP=$place/local

say "node dist/cli.js playbook -i examples/hello/hosts.ini examples/hello/site.yml --wire"
node dist/cli.js playbook -i examples/hello/hosts.ini examples/hello/site.yml --wire
