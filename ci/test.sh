#!/usr/bin/env bash
# npm test: set-up from a fresh clone, then everything that can be proven. The last line is
#   N passed, N failed[, N skipped]
# counted from the reports that the runs themselves wrote; a run without a report counts as failed.
#
# SKEIN_TEST_ONLY="unit pytest" runs only these of: check unit pytest cases integration gate.
set -uo pipefail
. "$(dirname "$0")/lib.sh"

only=${SKEIN_TEST_ONLY:-check unit pytest cases integration gate}
reports=$cache/reports
failures=0
rm -rf "$reports"
mkdir -p "$reports"

# phase NAME COMMAND...: says how long it took, remembers when it failed.
phase() {
  local name=$1 begin=$SECONDS code=0
  shift
  say "== $name"
  "$@" </dev/null || code=$?
  if [ "$code" -ne 0 ]; then failures=$((failures + 1)); fi
  say "== $name: $([ "$code" -eq 0 ] && echo ok || echo "failed, exit code $code") ($((SECONDS - begin)) s)"
  return "$code"
}

wanted() { case " $only " in *" $1 "*) true ;; *) false ;; esac; }

vitest() { node_modules/.bin/vitest run --project "$1" --reporter=default --reporter=json --outputFile.json="$reports/$1.json"; }

pytest_of_system() { "$(system_python)" -m pytest --junitxml="$reports/pytest.xml"; }

# The engine that docker.sh starts ends with this script; one that was there before stays.
engine() {
  if ! timeout 10 docker version >/dev/null 2>&1; then trap 'ci/docker-stop.sh' EXIT; fi
  ci/docker.sh
}

give_up() {
  say "$1"
  say "0 passed, 1 failed"
  exit 1
}

phase setup ci/setup.sh run test || give_up "nothing could be tested: the set-up failed"
phase build build_when_needed || give_up "nothing could be tested: the build failed"
if wanted check; then phase check ci/check.sh "$reports/check.json"; fi
if wanted unit; then phase unit vitest unit; fi
if wanted pytest; then phase pytest pytest_of_system; fi
if wanted cases; then phase cases vitest cases; fi
if wanted integration; then phase engine engine && phase integration vitest integration; fi
if wanted gate && [ -f bench/gate.ts ]; then phase gate node ci/run-ts.mjs bench/gate.ts --report "$reports/gate.json"; fi

expected=()
for name in $only; do
  case $name in
    pytest) expected+=("$reports/pytest.xml") ;;
    gate) if [ -f bench/gate.ts ]; then expected+=("$reports/gate.json"); fi ;;
    *) expected+=("$reports/$name.json") ;;
  esac
done
line=$(node ci/run-ts.mjs ci/count-results.ts "${expected[@]}") || failures=$((failures + 1))
say "${line:-0 passed, 1 failed}"
[ "$failures" -eq 0 ]
