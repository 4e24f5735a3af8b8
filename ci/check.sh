#!/usr/bin/env bash
# npm run check: what can be said without running anything. Every step runs, whatever the ones before said.
# With a path as its argument, a report for ci/count-results.ts is written there.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

[ -d node_modules ] || ci/setup.sh run
report=${1:-}
failed=()

step() {
  local name=$1 begin=$SECONDS
  shift
  if "$@"; then say "check: $name ok ($((SECONDS - begin)) s)"
  else
    say "check: $name FAILED ($((SECONDS - begin)) s)"
    failed+=("$name")
  fi
}

flake8_of_system() {
  local python
  python=$(system_python)
  "$python" -c 'import flake8' 2>/dev/null || { say "flake8 is missing: run ci/setup.sh test"; return 1; }
  "$python" -m flake8 remote runner/plugin-host/python
}

step types node_modules/.bin/tsc -p .
step "lint and format" node_modules/.bin/biome check --error-on-warnings .
step imports node ci/run-ts.mjs ci/check-imports.ts
step "dead code" node_modules/.bin/knip
step python flake8_of_system

if [ -n "$report" ]; then
  {
    printf '{"failed":['
    for index in "${!failed[@]}"; do
      if [ "$index" -gt 0 ]; then printf ','; fi
      printf '"%s"' "${failed[$index]}"
    done
    printf ']}\n'
  } >"$report"
fi
[ ${#failed[@]} -eq 0 ]
