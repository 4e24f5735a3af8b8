#!/usr/bin/env bash
# Brings a machine to where skein runs, and does nothing where it is there already.
#
#   ci/setup.sh [run] [test]
#
# run   what a user needs: Python and ansible-core, whose modules skein runs
# test  what the tests need on top: containers, references to compare with, Python's test tools, a C++ compiler
#
# On Debian and its relatives missing packages are installed. Elsewhere they are named, and the exit code is 1.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# package, and the command that succeeds where it is not needed any more
packages_of() {
  case "$1" in
    run) cat <<'LIST'
python3            have python3
ansible-core       have ansible-playbook
LIST
      ;;
    test) cat <<'LIST'
ansible            has_module ansible_collections.community.general
ansible-mitogen    has_module ansible_mitogen
openssh-client     have ssh-keygen
openssh-server     test -x /usr/sbin/sshd
sudo               have sudo
procps             have ps
bsdutils           have script
iproute2           have ip
tcpdump            has_program tcpdump
tshark             have tshark
debootstrap        has_program debootstrap
docker.io          has_program dockerd
iptables           has_program iptables
python3-pytest     has_module pytest
flake8             has_module flake8
python3-jinja2     has_module jinja2
make               have make
g++                have g++
LIST
      ;;
    *) fail "ci/setup.sh knows the groups run and test, not '$1'" ;;
  esac
}

has_module() { "$(system_python)" -c "import importlib.util as u, sys; sys.exit(u.find_spec('$1') is None)" >/dev/null 2>&1; }
has_program() { have "$1" || test -x "/usr/sbin/$1" || test -x "/sbin/$1"; }

missing_packages() {
  local group package probe
  for group in "$@"; do
    packages_of "$group" | while read -r package probe; do
      if ! eval "$probe"; then echo "$package"; fi
    done
  done
}

is_debian() {
  have apt-get && (. /etc/os-release && case " $ID ${ID_LIKE:-} " in *" debian "*) true ;; *) false ;; esac)
}

install_packages() {
  local missing
  missing=$(missing_packages "$@" | tr '\n' ' ')
  if [ -z "${missing// /}" ]; then return 0; fi
  if ! is_debian; then
    say "missing on this system (Debian's names): $missing"
    say "  ansible-core, ansible, pytest, flake8, jinja2 and ansible-mitogen (as 'mitogen') come from pip or pipx, the rest from the system's packages"
    say "  a container engine (dockerd), debootstrap and tcpdump are needed by 'npm test' only"
    exit 1
  fi
  say "setup: apt-get install $missing"
  if [ "$(id -u)" -ne 0 ] && ! { have sudo && sudo -n true 2>/dev/null; }; then
    fail "as root, run: apt-get update && apt-get install --no-install-recommends $missing"
  fi
  mkdir -p "$cache"
  local log=$cache/apt.log
  # shellcheck disable=SC2086 # a list of words
  if ! { as_root apt-get update &&
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing; } </dev/null >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    fail "apt-get could not install: $missing (the whole log: $log)"
  fi
}

check_node() {
  have node || fail "Node 20.19 or newer is needed: https://nodejs.org/en/download"
  have npm || fail "npm is needed; it comes with Node"
  node -e '
    const [major, minor] = process.versions.node.split(".").map(Number);
    if (major < 20 || (major === 20 && minor < 19)) process.exit(1);
  ' || fail "Node 20.19 or newer is needed, this is $(node --version)"
}

# npm ci when node_modules was made from another package-lock.json, or for another Node (native addons).
install_node_modules() {
  local stamp=node_modules/.skein-stamp want
  want="$(sha256sum package-lock.json | cut -d' ' -f1) $(node -p 'process.versions.modules + process.platform + process.arch')"
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ]; then return 0; fi
  say "setup: npm ci"
  mkdir -p "$cache"
  local log=$cache/npm-ci.log
  # Newer npm releases do not run install scripts that nobody approved; what needs one is built by ensure_native.
  if ! npm ci --include=dev --no-audit --no-fund </dev/null >"$log" 2>&1; then
    # A lock made where a registry lacks the packages of other platforms is incomplete in the eyes of another npm, and yet says
    # all there is to say about this platform.
    if ! grep -q 'Missing: .* from lock file' "$log" ||
      ! { say "setup: npm ci refuses the lock file (see $log); npm install with the same lock" &&
        npm install --no-save --include=dev --no-audit --no-fund </dev/null >>"$log" 2>&1; }; then
      tail -n 20 "$log" >&2
      fail "npm ci failed (the whole log: $log)"
    fi
  fi
  echo "$want" >"$stamp"
}

# ssh2 is several times cheaper per byte with its native cipher, and works without.
ensure_native() {
  local verdict log=$cache/native.log mark=node_modules/.skein-no-native
  if verdict=$(node ci/check-native.mjs); then return 0; fi
  mkdir -p "$cache"
  if ! { have make && have g++ && have python3; }; then
    say "setup: ssh2's native cipher is not built ($verdict); skein works without, slower. make and g++ are needed to build it"
    return 0
  fi
  # One that could not be built is not tried again until node_modules changes.
  if [ -f "$mark" ] && [ "$mark" -nt node_modules/.skein-stamp ]; then
    say "setup: ssh2's native cipher is not available ($verdict); skein works without, slower"
    return 0
  fi
  say "setup: building ssh2's native cipher ($verdict)"
  npm rebuild ssh2 cpu-features --foreground-scripts </dev/null >"$log" 2>&1 || true
  if ! node ci/check-native.mjs >/dev/null; then
    # Where npm refuses to run install scripts: the same build by hand, with the node-gyp that npm carries.
    local npm_lib
    npm_lib=$(npm root -g 2>/dev/null)/npm/node_modules/@npmcli/run-script/lib/node-gyp-bin
    (cd node_modules/ssh2 && PATH="$npm_lib:$PATH" node install.js) </dev/null >>"$log" 2>&1 || true
  fi
  if verdict=$(node ci/check-native.mjs); then
    say "setup: $verdict"
  else
    date >"$mark"
    say "setup: ssh2's native cipher could not be built ($verdict; log: $log); skein works without, slower"
  fi
}

if [ $# -eq 0 ]; then set -- run; fi
check_node
install_packages "$@"
install_node_modules
ensure_native
