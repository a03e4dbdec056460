#!/usr/bin/env bash
# run.sh ROOT EXTENSION.zip OUT: background.py in a Blender without a window, then the story of drive.py in one with it;
# pictures and results come to OUT.
set -euo pipefail
root=$1 archive=$2 out=$3
here=$(cd "$(dirname "$0")" && pwd)
"$here/make_root.sh" "$root"
rm -rf "$root/tmp/texgan"
mkdir -p "$root/tmp/texgan/out" "$root/tmp/.X11-unix" "$out"
chmod 1777 "$root/tmp/.X11-unix"
cp "$archive" "$root/tmp/texgan/texgan.zip"
cp "$here/drive.py" "$here/background.py" "$root/tmp/texgan/"
rm -f "$out"/*.json
"$here/in_root.sh" "$root" blender --command extension install-file -r user_default /tmp/texgan/texgan.zip
"$here/in_root.sh" "$root" env OUT=/tmp/texgan/out \
    timeout -k 5 200 blender -b --factory-startup --python-exit-code 1 --python /tmp/texgan/background.py || true
"$here/in_root.sh" "$root" env DISPLAY=:77 OUT=/tmp/texgan/out ROUNDS="${ROUNDS:-200}" SCENES="${SCENES:-}" bash -c '
Xvfb $DISPLAY -screen 0 1600x1000x24 -nolisten tcp >$OUT/display.log 2>&1 & display=$!
for i in $(seq 50); do [ -S /tmp/.X11-unix/X77 ] && break; sleep 0.1; done
timeout -k 5 1200 blender --factory-startup -p 0 0 1600 1000 \
    --enable-event-simulate --python /tmp/texgan/drive.py
code=$?
kill $display
exit $code' || true
cp -r "$root"/tmp/texgan/out/* "$out/"
exec python3 "$here/judge.py" "$out/background.json" "$out/results.json"
