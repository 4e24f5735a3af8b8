# What the scripts of this folder share. Sourced, never run: . "$(dirname "$0")/lib.sh"

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=$root/.cache
cd "$root"

say() { printf '%s\n' "$*"; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# as_root COMMAND...: runs it as root, without ever asking for a password.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"
  elif have sudo && sudo -n true 2>/dev/null; then sudo -n "$@"
  else fail "this needs root: $*"
  fi
}

# The Python of the system's packages: a python3 earlier on PATH (pyenv, conda) does not see what apt installs.
system_python() { if [ -x /usr/bin/python3 ]; then echo /usr/bin/python3; else command -v python3; fi; }

# Builds dist/ when a source is newer than what stands there. agent.bin is what a build writes last.
build_when_needed() {
  local stamp=dist/agent.bin
  if [ -f "$stamp" ] && [ -f dist/cli.js ]; then
    local newer
    newer=$(find runner router bench pcaps integration/harness remote/agent remote/*.ts ci/build.ts package.json package-lock.json tsconfig.json \
      -type f ! -name '*.test.ts' ! -name '*.pyc' -newer "$stamp" -print -quit 2>/dev/null || true)
    if [ -z "$newer" ]; then return 0; fi
  fi
  say "build: dist/"
  npm run -s build
}
