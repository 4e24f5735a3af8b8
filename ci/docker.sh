#!/usr/bin/env bash
# A container engine that answers, and the images debian:SUITE-slim in it.
#
#   ci/docker.sh [SUITE...]      bookworm by default
#
# Where no engine runs, one is started; its process id stands in .cache/dockerd.pid for ci/docker-stop.sh. Where no registry can
# be reached, an image is made with debootstrap from the mirror this machine itself uses, and kept in .cache/.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

mkdir -p "$cache"

answers() { timeout 10 docker version >/dev/null 2>&1; }

start_engine() {
  if answers; then return 0; fi
  have docker || fail "no docker command here: run ci/setup.sh test, or install a container engine"
  if [ "$(id -u)" -ne 0 ]; then fail "no container engine answers, and starting one needs root"; fi
  PATH=$PATH:/usr/sbin:/sbin
  have dockerd || fail "no container engine answers, and there is no dockerd to start: run ci/setup.sh test"
  # The second try is for machines whose root is itself an overlay, or that have no working iptables.
  local options
  for options in "" "--storage-driver=vfs" "--storage-driver=vfs --iptables=false --ip6tables=false"; do
    say "docker: dockerd $options"
    # A low limit on files keeps programs that close every possible descriptor (Python 2's subprocess, for one) quick.
    # shellcheck disable=SC2086 # a list of words
    setsid dockerd --default-ulimit nofile=20000:20000 $options </dev/null >"$cache/dockerd.log" 2>&1 &
    local pid=$! waited=0
    echo "$pid" >"$cache/dockerd.pid"
    while kill -0 "$pid" 2>/dev/null && [ "$waited" -lt 60 ]; do
      if answers; then return 0; fi
      sleep 0.5
      waited=$((waited + 1))
    done
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    rm -f "$cache/dockerd.pid"
  done
  grep -E '^failed|level=(error|fatal)' "$cache/dockerd.log" | tail -n 3 >&2 || true
  fail "dockerd does not start here (the whole log: $cache/dockerd.log)"
}

# The mirror of this machine's main archive, from either style of apt's source lists.
own_mirror() {
  cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
    sed -n -E 's/^[[:space:]]*(deb[[:space:]]+(\[[^]]*\][[:space:]]+)?|URIs:[[:space:]]*)((http|https|file):[^[:space:]]+).*/\3/p' |
    grep -v -E 'security|updates' | grep -E '/debian/?$' | head -n 1
}

# make_image SUITE IMAGE TARBALL
make_image() {
  local suite=$1 image=$2 tarball=$3
  PATH=$PATH:/usr/sbin:/sbin
  have debootstrap || fail "$image cannot be pulled, and there is no debootstrap to make it: run ci/setup.sh test"
  local mirror rootfs
  mirror=$(own_mirror || true)
  mirror=${mirror:-http://deb.debian.org/debian}
  rootfs=$(mktemp -d "$cache/rootfs.XXXXXX")
  trap 'rm -rf "$rootfs"' EXIT
  say "docker: making $image with debootstrap (log: .cache/debootstrap-$suite.log)"
  if ! debootstrap --variant=minbase "$suite" "$rootfs" "$mirror" </dev/null >"$cache/debootstrap-$suite.log" 2>&1; then
    tail -n 5 "$cache/debootstrap-$suite.log" >&2
    fail "debootstrap failed (the whole log: $cache/debootstrap-$suite.log)"
  fi
  # A container gets to the archive the way this machine does: same mirror, same proxy and leniency, same authorities.
  echo "deb $mirror $suite main" >"$rootfs/etc/apt/sources.list"
  cat /etc/apt/apt.conf /etc/apt/apt.conf.d/* 2>/dev/null | grep -E '^[[:space:]]*Acquire::[A-Za-z:-]+[[:space:]]' \
    >"$rootfs/etc/apt/apt.conf.d/90machine" || true
  if [ -f /etc/ssl/certs/ca-certificates.crt ]; then
    mkdir -p "$rootfs/etc/ssl/certs"
    cp -L /etc/ssl/certs/ca-certificates.crt "$rootfs/etc/ssl/certs/"
  fi
  # What makes it slim.
  echo 'Acquire::Languages "none";' >"$rootfs/etc/apt/apt.conf.d/90slim"
  printf '%s\n' 'path-exclude /usr/share/doc/*' 'path-exclude /usr/share/man/*' 'path-exclude /usr/share/locale/*' \
    >"$rootfs/etc/dpkg/dpkg.cfg.d/slim"
  rm -rf "$rootfs"/usr/share/{doc,man,locale,info}/* "$rootfs"/var/lib/apt/lists/* "$rootfs"/var/cache/apt/archives/*.deb
  tar -C "$rootfs" -cf - . | gzip -1 >"$tarball.new"
  mv "$tarball.new" "$tarball"
  rm -rf "$rootfs"
  trap - EXIT
}

ensure_image() {
  local suite=$1 image=debian:$1-slim tarball=$cache/debian-$1-slim.tar.gz
  if docker image inspect "$image" >/dev/null 2>&1; then return 0; fi
  if [ ! -f "$tarball" ]; then
    if timeout 60 docker pull -q "$image" >/dev/null 2>&1; then return 0; fi
    make_image "$suite" "$image" "$tarball"
  fi
  docker import --change 'CMD ["bash"]' "$tarball" "$image" >/dev/null
}

start_engine
for suite in "${@:-bookworm}"; do ensure_image "$suite"; done
