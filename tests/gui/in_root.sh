#!/usr/bin/env bash
# in_root.sh ROOT COMMAND...: runs a command in a Debian in a folder, with mounts of its own that end with it.
set -euo pipefail
export ROOT=$1
shift
exec unshare --mount -- bash -c '
set -e
mount -t proc proc "$ROOT/proc"
mount -t tmpfs -o mode=755 tmpfs "$ROOT/dev"
for node in null zero full random urandom tty; do
    touch "$ROOT/dev/$node"
    mount --bind "/dev/$node" "$ROOT/dev/$node"
done
mkdir -p "$ROOT/dev/shm" "$ROOT/dev/pts"
mount -t tmpfs tmpfs "$ROOT/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$ROOT/dev/pts"
ln -sf pts/ptmx "$ROOT/dev/ptmx"
ln -sfn /proc/self/fd "$ROOT/dev/fd"
exec chroot "$ROOT" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
    LIBGL_ALWAYS_SOFTWARE=1 BLENDER_USER_RESOURCES=/tmp/texgan/blender TEXGAN_MODELS=/tmp/texgan/models "$@"' bash "$@"
