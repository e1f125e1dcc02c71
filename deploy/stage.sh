#!/bin/sh
# Lay the whole program out under DESTINATION: what `make deb` packs, and what install.sh puts in place.
#
#   stage.sh DESTINATION [--wheels DIR]
#
# The environment in /opt/watcher/VERSION holds the packages of requirements.lock, their hashes checked, and can be moved.
# With --wheels nothing is asked of the network: DIR holds a wheel of every package, and of uv.
set -eu
umask 0022
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
top=$(dirname -- "$here")
python=${PYTHON:-/usr/bin/python3}
destination=$1
shift
offline=
if [ "${1:-}" = --wheels ]; then
    offline="--no-index --find-links $2"
fi
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$top/pyproject.toml" | head -n 1)
program=$destination/opt/watcher/$version
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The certificates that this machine trusts, as apt and pip do: behind a proxy of one's own no others are right.
export UV_SYSTEM_CERTS=true
uv=${UV:-}
if [ -z "$uv" ]; then
    "$python" -m venv "$work/tools"
    # shellcheck disable=SC2086 # two words on purpose
    "$work/tools/bin/pip" install --quiet --disable-pip-version-check $offline "uv>=0.13.8"
    uv=$work/tools/bin/uv
fi
mkdir -p "$(dirname -- "$program")"
rm -rf "$program"
"$uv" venv --quiet --relocatable --no-python-downloads --python "$python" "$program"
# shellcheck disable=SC2086 # two words on purpose
"$uv" build --quiet --wheel $offline --out-dir "$work" "$top"
# shellcheck disable=SC2086 # two words on purpose
"$uv" pip install --quiet --compile-bytecode --link-mode copy $offline --python "$program/bin/python" --no-config \
    --constraints "$top/requirements.lock" "$(echo "$work"/watcher-*.whl)[workers,dkim]"
# Only the program itself is on the path of commands; the others are its libraries' own.
find "$program/bin" -mindepth 1 ! -name watcher ! -name 'python*' -delete

install -D -m 0755 "$here/setup.sh" "$program/libexec/setup"
install -D -m 0755 "$here/launcher.sh" "$destination/usr/bin/watcher"
for unit in watcher.service watcher-backup.service watcher-backup.timer; do
    install -D -m 0644 "$here/$unit" "$destination/usr/lib/systemd/system/$unit"
done
install -D -m 0644 "$here/watcher.sysusers" "$destination/usr/lib/sysusers.d/watcher.conf"
install -D -m 0644 "$here/watcher.tmpfiles" "$destination/usr/lib/tmpfiles.d/watcher.conf"
for page in "$top/README.md" "$top/CHANGELOG.md" "$top/LICENSE" "$top"/docs/*.md; do
    install -D -m 0644 "$page" "$destination/usr/share/doc/watcher/$(basename -- "$page")"
done
echo "$version"
