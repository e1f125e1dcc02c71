#!/bin/sh
# Take a clean Debian to a running service: `sudo deploy/install.sh`. Again, with newer files, it upgrades.
#
#   install.sh [--dry-run] [--wheels DIR] [--no-start]   install or upgrade to the version of these files
#   install.sh --rollback [--with-data] [--dry-run]      go back to the version before
#   install.sh --remove [--dry-run]                      remove the program; /etc/watcher and /var/lib/watcher stay
#
# Versions stand side by side in /opt/watcher/VERSION; /opt/watcher/current names the one that runs. An upgrade backs up
# first, and when the new version does not become ready the former one is started again. A former version cannot read the
# database of a later one: when the schema has changed in between, --with-data puts the backup in place that was made then.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
top=$(dirname -- "$here")
opt=/opt/watcher
backups=/var/backups/watcher

dry='' action=install wheels='' start='' data=''
umask 0022
refuse() {
    echo "install.sh: $*" >&2
    exit 2
}
act() { # rollback or remove: one of them
    [ "$action" = install ] || [ "$action" = "$1" ] || refuse "--rollback and --remove do not go together."
    action=$1
}
while [ $# -gt 0 ]; do
    case $1 in
    --dry-run) dry=yes ;;
    --rollback) act rollback ;;
    --remove) act remove ;;
    --with-data) data=yes ;;
    --no-start) start=--no-start ;;
    --wheels)
        [ -d "${2:-}" ] || refuse "--wheels wants the folder of the wheels: --wheels DIR."
        wheels=$(CDPATH='' cd -- "$2" && pwd)
        shift
        ;;
    -h | --help)
        sed -n '2,12s/^# \{0,1\}//p' "$0"
        exit 0
        ;;
    *) refuse "there is no option $1; --help says which there are." ;;
    esac
    shift
done

[ -z "$data" ] || [ "$action" = rollback ] || refuse "--with-data goes with --rollback."
[ -z "$start" ] || [ "$action" != remove ] || refuse "--no-start does not go with --remove."
[ -z "$wheels" ] || [ "$action" = install ] || refuse "--wheels goes with an installation, not with --$action."

say() { echo "install.sh: $*"; }
run() {
    if [ -n "$dry" ]; then echo "  would run: $*"; else "$@"; fi
}
with_systemd() { [ -d /run/systemd/system ]; }
current() { readlink "$opt/current" 2>/dev/null || true; }

if [ -z "$dry" ] && [ "$(id -u)" -ne 0 ]; then
    echo "install.sh: it must be run by root: sudo $0 (or --dry-run, which changes nothing)" >&2
    exit 2
fi
if dpkg-query -W -f '${Status}' watcher 2>/dev/null | grep -q 'ok installed'; then
    echo "install.sh: the package watcher is installed: use apt to upgrade or remove it." >&2
    exit 2
fi

switch() { # version: make it the one that runs
    if [ -n "$dry" ]; then
        echo "  would copy the units, the launcher and the pages of $1 to /usr"
        echo "  would run: $opt/$1/libexec/setup${start:+ $start}"
        return 0
    fi
    # Units, launcher and pages are those of the version: a former one comes back with its own.
    if [ -d "$opt/$1/system" ]; then
        tar -C "$opt/$1/system" -cf - usr | tar -C / -xf - --no-overwrite-dir --no-same-owner
    fi
    "$opt/$1/libexec/setup" $start
}

install_() {
    version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$top/pyproject.toml" | head -n 1)
    before=$(current)
    missing=
    command -v python3 >/dev/null || missing="$missing python3"
    python3 -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3-venv"
    [ -e /etc/ssl/certs/ca-certificates.crt ] || missing="$missing ca-certificates"
    command -v setpriv >/dev/null || missing="$missing util-linux"
    if [ -n "$missing" ]; then
        say "installing$missing"
        run apt-get update -q
        # shellcheck disable=SC2086 # several packages
        run env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
    fi
    say "version $version into $opt/$version${before:+, beside $before}"
    if [ -n "$dry" ]; then
        echo "  would run: $here/stage.sh in a temporary folder${wheels:+, --wheels $wheels}"
        if upgrades && has_data; then
            if kept=$(kept_copy); then
                echo "  would keep $kept: the data may be those of the version that failed"
            else
                echo "  would run: /usr/bin/watcher backup $backups/before-$version.tar.gz"
            fi
        fi
        echo "  would copy the program to $opt/$version"
    else
        work=$(mktemp -d)
        trap 'rm -rf "$work"' EXIT
        # Aside first: a download that breaks leaves what runs as it is.
        # shellcheck disable=SC2086 # two words, or none
        "$here/stage.sh" "$work" ${wheels:+--wheels "$wheels"} >/dev/null
        if upgrades && has_data; then
            copy_data
        fi
        mkdir -p "$opt"
        rm -rf "$opt/$version.new" "$opt/$version.old"
        cp -a "$work/opt/watcher/$version" "$opt/$version.new"
        mkdir "$opt/$version.new/system"
        cp -a "$work/usr" "$opt/$version.new/system/usr"
        [ ! -e "$opt/$version" ] || mv "$opt/$version" "$opt/$version.old"
        mv "$opt/$version.new" "$opt/$version"
        # From here on until the end, --rollback knows where to go back to, and from which version.
        if upgrades; then
            earlier=$(readlink "$opt/previous" 2>/dev/null || true)
            ln -sfn "$before" "$opt/previous"
            ln -sfn "$version" "$opt/underway"
        fi
    fi
    if ! switch "$version"; then
        if upgrades; then
            say "version $version does not become ready (journalctl -u watcher): $before is started again" >&2
            if switch "$before"; then
                rm -f "$opt/underway" "$opt/previous"
                [ -z "$earlier" ] || ln -s "$earlier" "$opt/previous"
            else
                say "neither does $before: it may need its data, $0 --rollback --with-data" >&2
            fi
        else
            say "the service does not become ready: journalctl -u watcher" >&2
            if [ -d "$opt/$version.old" ]; then
                rm -rf "${opt:?}/$version"
                mv "$opt/$version.old" "$opt/$version"
                switch "$version" || true
            fi
        fi
        exit 1
    fi
    if [ -z "$dry" ]; then
        rm -rf "$opt/$version.old" "$opt/underway"
        forget_older
    fi
    [ -z "$dry" ] || return 0
    say "done. Next: put your address in \`contact:\` of /etc/watcher/sources.yaml, then \`watcher doctor\`."
}

upgrades() { [ -n "$before" ] && [ "$before" != "$version" ]; }

has_data() { # here, or in a PostgreSQL database
    [ -f /var/lib/watcher/watcher.db ] || [ -s /etc/credstore/watcher.database ]
}

kept_copy() { # the copy made before an upgrade that is not over: the data may be those of its version since
    failed=$(readlink "$opt/underway" 2>/dev/null || true)
    [ -n "$failed" ] && [ "$failed" != "$before" ] && [ -f "$backups/before-$failed.tar.gz" ] || return 1
    echo "$backups/before-$failed.tar.gz"
}

copy_data() { # by the version that is leaving; an older copy goes once there is a newer one
    copy=$backups/before-$version.tar.gz
    if kept=$(kept_copy); then
        say "$kept stays: the data may be those of the version that failed"
        [ "$kept" = "$copy" ] || ln -f "$kept" "$copy"
        return 0
    fi
    say "backup by $before"
    [ ! -e "$copy" ] || mv -f "$copy" "$copy.old"
    if ! /usr/bin/watcher backup "$copy"; then
        [ ! -e "$copy.old" ] || mv -f "$copy.old" "$copy"
        say "without a copy of the data nothing is upgraded" >&2
        exit 1
    fi
    rm -f "$copy.old"
}

forget_older() { # keep the version that runs and the one before
    for folder in "$opt"/[0-9]*; do
        name=$(basename -- "$folder")
        [ "$name" = "$(current)" ] || [ "$name" = "$(readlink "$opt/previous" 2>/dev/null || true)" ] || rm -rf "$folder"
    done
}

rollback() {
    # An upgrade, or a way back, that did not come to its end: the same way, from the start.
    underway=$(readlink "$opt/underway" 2>/dev/null || true)
    now=${underway:-$(current)}
    before=$(readlink "$opt/previous" 2>/dev/null || true)
    if [ -z "$before" ] || [ "$before" = "$now" ] || [ ! -x "$opt/$before/bin/watcher" ]; then
        echo "install.sh: there is no version to go back to." >&2
        exit 1
    fi
    copy=$backups/before-$now.tar.gz
    if [ -n "$data" ] && [ ! -f "$copy" ]; then
        echo "install.sh: there is no backup $copy; \`watcher restore\` takes another one." >&2
        exit 1
    fi
    say "from $now back to $before"
    run ln -sfn "$now" "$opt/underway"
    if with_systemd; then run systemctl stop watcher.service; fi
    if [ -n "$data" ]; then
        start_later=$start start=--no-start
        switch "$before"
        start=$start_later
        if ! run /usr/bin/watcher restore "$copy" --aside; then
            go_on "the data of before cannot be put back"
        fi
        say "all mail is held until \`watcher outbox reconcile\`"
    fi
    switch "$before" || go_on "$before does not become ready. Has the schema changed since? --rollback --with-data"
    run rm -f "$opt/previous" "$opt/underway"
    run ln -s "$now" "$opt/previous"
    [ -n "$dry" ] || say "done: $before runs."
}

go_on() { # why: end a way back that failed, with the version that ran, unless that one never did
    if [ -n "$underway" ]; then
        say "$1; $now did not run either: mend it, then --rollback again" >&2
    else
        say "$1; $now is started again" >&2
        if switch "$now"; then rm -f "$opt/underway"; fi
    fi
    exit 1
}

remove() {
    if with_systemd; then
        run systemctl disable --now --quiet watcher-backup.timer watcher.service || true
    fi
    run rm -rf "$opt" /usr/bin/watcher /usr/share/doc/watcher
    for file in systemd/system/watcher.service systemd/system/watcher-backup.service systemd/system/watcher-backup.timer \
        sysusers.d/watcher.conf tmpfiles.d/watcher.conf; do
        run rm -f "/usr/lib/$file"
    done
    if with_systemd; then run systemctl daemon-reload; fi
    [ -z "$dry" ] || return 0
    say "removed. What people edited is in /etc/watcher, the archive in /var/lib/watcher, the backups in $backups."
}

case $action in
install) install_ ;;
rollback) rollback ;;
remove) remove ;;
esac
