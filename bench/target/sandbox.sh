#!/bin/sh
# sandbox.sh DIRECTORY ACCOUNT: an sshd in a copy of this machine that forgets everything.
#
# To be run in mount, process, IPC and host name namespaces of its own (unshare). The root below is an overlay over this
# machine's, what is written to it stays in memory, and /tmp, /run and /home are empty. DIRECTORY holds sshd's configuration
# and keys. ACCOUNT has no password and may become anyone.
set -eu
directory=$1 account=$2
layers=$directory/layers
mkdir -p "$layers"
mount -t tmpfs -o size=80%,mode=755 tmpfs "$layers"
mkdir "$layers/upper" "$layers/work" "$layers/root"
mount -t overlay -o "lowerdir=/,upperdir=$layers/upper,workdir=$layers/work" overlay "$layers/root"
root=$layers/root
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --rbind /sys "$root/sys"
for name in tmp run home; do mount -t tmpfs -o mode=755 tmpfs "$root/$name"; done
chmod 1777 "$root/tmp"
mkdir -p "$root/run/sshd" "$root/run/lock" "$root$directory"
mount --bind "$directory" "$root$directory"
chroot "$root" useradd --no-create-home --home-dir "/home/$account" --shell /bin/bash --password '*' "$account"
mkdir -m 755 "$root/home/$account"
chroot "$root" chown "$account:" "/home/$account"
mkdir -p "$root/etc/sudoers.d"
echo "$account ALL=(ALL) NOPASSWD:ALL" >"$root/etc/sudoers.d/skein-bench"
chmod 440 "$root/etc/sudoers.d/skein-bench"
# Where the account may read it, wherever DIRECTORY is.
cp "$directory/authorized_keys" "$root/run/authorized_keys"
# Nothing of the machine's own users is read by sessions here.
rm -f "$root/root/.bashrc" "$root/root/.profile"
exec chroot "$root" /usr/sbin/sshd -D -e -f "$directory/config"
