#!/bin/sh
# Build watcher_VERSION_ARCHITECTURE.deb in DIRECTORY (default: dist) and print its path.
#
#   deb.sh [DIRECTORY] [--wheels DIR]
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
directory=${1:-dist}
[ $# -eq 0 ] || shift
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 0755 "$root"
umask 0022

"$here/stage.sh" "$root" "$@" >/dev/null
"$here/pack.sh" "$root" "$directory"
