#!/bin/sh
# Make the version this file belongs to the one that runs: user, folders, /etc/watcher, units. May be run again at any time.
#
#   setup [--no-start]
#
# Ends with 1 when the service does not become ready; the caller decides whether the former version comes back.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
version=$(basename -- "$(dirname -- "$here")")
first=
[ -L /opt/watcher/current ] || first=yes

if command -v systemd-sysusers >/dev/null; then
    systemd-sysusers /usr/lib/sysusers.d/watcher.conf
elif ! getent passwd watcher >/dev/null; then
    useradd --system --home-dir /var/lib/watcher --shell /usr/sbin/nologin watcher
fi
if command -v systemd-tmpfiles >/dev/null; then
    systemd-tmpfiles --create /usr/lib/tmpfiles.d/watcher.conf
else
    install -d -m 2770 -g watcher /etc/watcher
    install -d -m 0700 -o watcher -g watcher /var/lib/watcher /var/backups/watcher
    install -d -m 0700 /etc/credstore
fi
# In one step: whoever starts the program meanwhile finds the old version or the new one, never neither.
ln -s "$version" "/opt/watcher/.current.$$"
mv -T "/opt/watcher/.current.$$" /opt/watcher/current

# What is there stays as it was edited; what a new version brings is added.
(umask 0007 && "/opt/watcher/$version/bin/watcher" init /etc/watcher >/dev/null)
rmdir /etc/watcher/var 2>/dev/null || true
chgrp -R watcher /etc/watcher
find /etc/watcher -type d -exec chmod 2770 {} +
find /etc/watcher -type f -exec chmod u+rw,g+rw,o-rwx {} +

[ -d /run/systemd/system ] || exit 0
systemctl daemon-reload
# What the administrator disabled since stays so.
[ -z "$first" ] || systemctl enable --quiet watcher.service watcher-backup.timer
[ "${1:-}" != --no-start ] || exit 0
if systemctl is-enabled --quiet watcher-backup.timer; then systemctl start watcher-backup.timer; fi
if ! systemctl is-enabled --quiet watcher.service && ! systemctl is-active --quiet watcher.service; then
    echo "watcher.service is disabled, and is not started: systemctl enable --now watcher"
    exit 0
fi
systemctl reset-failed watcher.service 2>/dev/null || true
systemctl restart watcher.service
