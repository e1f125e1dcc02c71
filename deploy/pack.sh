#!/bin/sh
# Pack what stage.sh laid out under ROOT into DIRECTORY/watcher_VERSION_ARCHITECTURE.deb, and print its path.
#
#   pack.sh ROOT DIRECTORY
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$1
directory=$2
version=$(basename -- "$root"/opt/watcher/[0-9]*)
architecture=$(dpkg --print-architecture)
# The compiled wheels inside are for one minor version of Python.
minor=$("$root/opt/watcher/$version/bin/python" -c 'import sys; print(f"{sys.version_info.major}.{sys.version_info.minor}")')
next=${minor%.*}.$((${minor#*.} + 1))
umask 0022
rm -rf "$root/DEBIAN"
mkdir "$root/DEBIAN"
for script in postinst prerm postrm; do
    sed "s|@VERSION@|$version|g" "$here/debian/$script" >"$root/DEBIAN/$script"
    chmod 0755 "$root/DEBIAN/$script"
done
sed -e "s|@VERSION@|$version|; s|@ARCHITECTURE@|$architecture|; s|@PYTHON@|$minor|; s|@PYTHON_NEXT@|$next|" \
    -e "s|@SIZE@|$(du -sk "$root" | cut -f 1)|" "$here/debian/control" >"$root/DEBIAN/control"
mkdir -p "$directory"
package=$directory/watcher_${version}_$architecture.deb
# Every Debian since 12 reads zstd.
dpkg-deb --root-owner-group -Zzstd "-z${ZSTD_LEVEL:-6}" --build "$root" "$package" >/dev/null
echo "$package"
