#!/usr/bin/env bash
# make_root.sh ROOT: Debian 13 with Blender 4.3, a virtual display and PyTorch, in a folder. Needs Debian, root, minutes.
set -euo pipefail
root=$1
here=$(cd "$(dirname "$0")" && pwd)
[ -e "$root/ready" ] && exit 0
command -v debootstrap >/dev/null || { apt-get -q update && apt-get -q install -y --no-install-recommends debootstrap; }
mirror=$(sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/debian.sources | head -1)
[ -x "$root/usr/bin/apt-get" ] || debootstrap --variant=minbase --components=main trixie "$root" "$mirror"
cp /etc/resolv.conf /etc/hosts "$root/etc/"
cp -n /etc/apt/apt.conf.d/99* "$root/etc/apt/apt.conf.d/" 2>/dev/null || true
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod +x "$root/usr/sbin/policy-rc.d"
"$here/in_root.sh" "$root" apt-get -q update
"$here/in_root.sh" "$root" apt-get -q install -y --no-install-recommends blender xvfb imagemagick xdotool xclip \
    python3-torch python3-pil python3-safetensors libopenblas0-pthread libgl1-mesa-dri
"$here/in_root.sh" "$root" apt-get clean
touch "$root/ready"
