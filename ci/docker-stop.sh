#!/usr/bin/env bash
# Ends the container engine that ci/docker.sh started, and no other.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

file=$cache/dockerd.pid
[ -f "$file" ] || exit 0
pid=$(cat "$file")
# After a restart of the machine the number may belong to another program.
if [ "$(cat "/proc/$pid/comm" 2>/dev/null || true)" = dockerd ]; then
  kill "$pid"
  for _ in $(seq 100); do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.2
  done
fi
rm -f "$file"
