#!/bin/sh
# /usr/bin/watcher: the installed program, as its own user, on the installed home (/etc/watcher and /var/lib/watcher).
#
# Files written by root would be closed to the service. So what works on the installed home is run as the user `watcher`;
# `--home DIR`, WATCHER_HOME and the commands that need no home run as whoever calls.
set -eu
program=/opt/watcher/current/bin/watcher

elsewhere=${WATCHER_HOME:+yes}
command=
for word in "$@"; do
    case $word in
    --home | --home=*) elsewhere=yes ;;
    -*) ;;
    *) [ -n "$command" ] || command=$word ;;
    esac
done
case $command in
'' | init | demo) elsewhere=yes ;;
esac
[ -z "$elsewhere" ] || exec "$program" "$@"

export WATCHER_HOME=/etc/watcher WATCHER_STATE=/var/lib/watcher
[ "$(id -u)" -eq 0 ] || exec "$program" "$@"

# Only root may read the secrets: they are handed on in the environment of this one process, never on its command line.
credential() { [ ! -r "/etc/credstore/watcher.$1" ] || cat "/etc/credstore/watcher.$1"; }
export WATCHER_SMTP_PASSWORD="${WATCHER_SMTP_PASSWORD:-$(credential smtp-password)}"
export WATCHER_DATABASE="${WATCHER_DATABASE:-$(credential database)}"
export WATCHER_MAIL_KEY="${WATCHER_MAIL_KEY:-$(credential mail-key)}"
export WATCHER_DKIM_KEY="${WATCHER_DKIM_KEY:-$(credential dkim-key)}"
# What is edited in /etc/watcher stays open to its group; /var/lib/watcher is closed by its own mode.
umask 0007
export HOME=/var/lib/watcher
exec setpriv --reuid watcher --regid watcher --init-groups -- "$program" "$@"
