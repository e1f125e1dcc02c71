#!/bin/sh
# Run inside a machine that systemd booted: install the package, put the service through its life, write what was seen to
# /results.tsv, one line a check: name, "ok" or "FAILED", what was seen. The last line is "end".
set -u
exec >/inside.log 2>&1
results=/results.tsv

check() { # name, what was seen, command...
    name=$1 seen=$2
    shift 2
    if "$@"; then word=ok; else word=FAILED; fi
    printf '%s\t%s\t%s\n' "$name" "$word" "$seen" >>$results
}
show() { systemctl show watcher.service -p "$1" --value; }
until_true() { # seconds, command...: never a bare sleep
    limit=$(($(date +%s) + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$(date +%s)" -lt "$limit" ] || return 1
        sleep 0.1
    done
}
restarted() { [ "$(show NRestarts)" -ge "$1" ] && [ "$(show ActiveState)/$(show SubState)" = active/running ]; }
seconds() { awk -v a="$1" -v b="$(date +%s.%N)" 'BEGIN { printf "%.1f s", b - a }'; }
journal() { journalctl -u watcher.service -o cat --no-pager; }
as_service() { # a process of the same user behind the same walls, but for what needs a terminal
    systemd-run --quiet --wait --pipe --collect -p User=watcher -p Group=watcher -p StateDirectory=watcher \
        -p ProtectSystem=strict -p ProtectHome=true -p PrivateTmp=true -p PrivateDevices=true -p PrivateUsers=true \
        -p NoNewPrivileges=true -p RestrictAddressFamilies="AF_INET AF_INET6 AF_UNIX" -p MemoryDenyWriteExecute=true \
        -p SystemCallArchitectures=native -p SystemCallFilter=@system-service -p SystemCallErrorNumber=EPERM \
        -p "SystemCallFilter=~@privileged @resources" -p LimitNOFILE=4096 -p TasksMax=128 -p CapabilityBoundingSet= \
        -p LoadCredential=smtp-password:watcher.smtp-password -E WATCHER_HOME=/etc/watcher -E WATCHER_STATE=/var/lib/watcher "$@"
}

ip link set lo up 2>/dev/null

# --- install -------------------------------------------------------------------------------------------------------------
began=$(date +%s.%N)
dpkg --force-depends -i /package/old.deb
check "install the package" "dpkg -i, $(seconds "$began")" [ "$(dpkg-query -W -f '${Status}' watcher)" = "install ok installed" ]
check "started, and ready" "READY=1; $(show ActiveState)/$(show SubState), enabled: $(systemctl is-enabled watcher)" \
    sh -c "[ $(show ActiveState)/$(show SubState) = active/running ] && [ $(systemctl is-enabled watcher) = enabled ]"
check "status text" "$(show StatusText)" [ -n "$(show StatusText)" ]
check "runs as its own user" "user $(ps -o user= -p "$(show MainPID)"), no capability: $(grep CapEff "/proc/$(show MainPID)/status" | cut -f 2)" \
    sh -c "[ $(ps -o user= -p "$(show MainPID)") = watcher ] && grep -q 'CapEff:.0000000000000000' /proc/$(show MainPID)/status"
check "its folders" "$(stat -c '%n %a %U:%G;' /etc/watcher /var/lib/watcher /var/backups/watcher | tr '\n' ' ')" \
    [ "$(stat -c '%a %U:%G' /etc/watcher /var/lib/watcher /var/backups/watcher | tr '\n' ,)" = "2770 root:watcher,700 watcher:watcher,700 watcher:watcher," ]
check "health" "$(/opt/watcher/current/bin/python -c 'import urllib.request as u; print(u.urlopen("http://127.0.0.1:8484/healthz", timeout=5).read()[:80].decode())' 2>&1 | tail -n 1)" \
    /opt/watcher/current/bin/python -c 'import urllib.request as u; assert u.urlopen("http://127.0.0.1:8484/healthz", timeout=5).status == 200'
check "the security score" "$(systemd-analyze security watcher.service | tail -n 1 | sed 's/.*: //')" \
    sh -c "systemd-analyze security --threshold=15 watcher.service >/dev/null"

# --- configured by a person, with a secret, a publisher and a relay on loopback ----------------------------------------------
install -m 0600 /package/smtp-password /etc/credstore/watcher.smtp-password
systemd-run --quiet --unit=relay --setenv=PYTHONPATH=/package/lib /opt/watcher/current/bin/python /package/relay.py
until_true 20 test -s /relay/ready
cp /relay/ca.pem /etc/watcher/relay-ca.pem
systemd-run --quiet --unit=publisher /opt/watcher/current/bin/python /package/publisher.py
until_true 60 test -s /relay/sources.yaml
# A credential is read at the start; everything else that people edit, while it runs.
systemctl restart watcher
cat /relay/sources.yaml >/etc/watcher/sources.yaml
watcher reload --confirm
began=$(date +%s.%N)
systemctl reload watcher
code=$?
# systemd 252 does not wait for the end of a reload that is a signal.
until_true 30 sh -c 'systemctl show watcher.service -p StatusText --value | grep -q "20 sources"'
check "reload" "rc $code, $(seconds "$began"); $(show StatusText)" sh -c "[ $code = 0 ] && echo '$(show StatusText)' | grep -q '20 sources'"
check "the secret as a credential" "$(stat -c '%a' "/run/credentials/watcher.service/smtp-password") in /run/credentials, not in the environment" \
    sh -c "test -s /run/credentials/watcher.service/smtp-password && ! tr '\0' '\n' </proc/$(show MainPID)/environ | grep -q PASSWORD"
check "doctor" "$(watcher doctor | tail -n 1)" sh -c "watcher doctor --json >/doctor.json; ! grep -q '\"level\": \"cure\"' /doctor.json"
watcher doctor

# --- an edition, read and mailed behind the walls -------------------------------------------------------------------------------
began=$(date +%s.%N)
as_service /opt/watcher/current/bin/watcher poll --all | tail -n 3
check "pages are read behind the walls" "$(watcher search formation --json 2>/dev/null | wc -c) bytes of answer; $(seconds "$began")" \
    [ "$(watcher search formation --json 2>/dev/null | wc -c)" -gt 200 ]
watcher digest send veille
until_true 60 test -s /relay/mail.txt
check "an edition reaches an SMTP server" "$(head -n 1 /relay/mail.txt 2>/dev/null)" test -s /relay/mail.txt

# --- crashes, hangs, kills ------------------------------------------------------------------------------------------------------
kill -SEGV "$(show MainPID)"
until_true 30 restarted 1
check "crash (SIGSEGV)" "NRestarts $(show NRestarts), $(show ActiveState)/$(show SubState)" restarted 1
kill -KILL "$(show MainPID)"
until_true 30 restarted 2
check "kill -9" "NRestarts $(show NRestarts), $(show ActiveState)/$(show SubState)" restarted 2
began=$(date +%s.%N)
kill -STOP "$(show MainPID)"
until_true 60 restarted 3
check "hang: the watchdog" "$(journalctl -u watcher.service -o cat --no-pager | grep -i 'watchdog timeout' | tail -n 1), back after $(seconds "$began")" \
    sh -c "journalctl -u watcher.service -o cat --no-pager | grep -qi 'watchdog timeout' && [ $(show NRestarts) -ge 3 ]"

# --- the walls ------------------------------------------------------------------------------------------------------------------
for place in /etc/watcher/sources.yaml /usr/bin/anything /home/anything /var/backups/watcher/anything /etc/credstore/x; do
    # shellcheck disable=SC2016 # expanded inside
    said=$(as_service /bin/sh -c 'echo x >>"$1"' sh "$place" 2>&1)
    code=$?
    check "writing to $place is denied" "${said##*: }" [ "$code" -ne 0 ]
done
said=$(as_service /opt/watcher/current/bin/python -c 'import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)' 2>&1)
code=$?
check "raw packets are denied" "$(echo "$said" | tail -n 1)" [ "$code" -ne 0 ]
said=$(as_service /bin/cat /etc/credstore/watcher.smtp-password 2>&1)
code=$?
check "the secret's file is closed to it" "${said##*: }" [ "$code" -ne 0 ]

# --- backup, upgrade with a migration, rollback ------------------------------------------------------------------------------------
systemctl start watcher-backup.service
code=$?
file=$(find /var/backups/watcher -name 'watcher-2*.tar.gz' | tail -n 1)
check "backup by its unit" "$(stat -c '%a %U' "$file"), $(watcher backup --verify "$file" 2>&1 | head -n 1 | sed 's/.*: //')" \
    sh -c "[ $code = 0 ] && watcher backup --verify $file"
check "the timer" "next: $(systemctl show watcher-backup.timer -p NextElapseUSecRealtime --value)" systemctl is-active --quiet watcher-backup.timer

documents() { watcher status --json | tr ',' '\n' | grep -c . ; }
version() { runuser -u watcher -- /opt/watcher/current/bin/python -c 'import sqlite3; c = sqlite3.connect("/var/lib/watcher/watcher.db"); print(c.execute("select version_num from schema_version").fetchone()[0], c.execute("select count(*) from documents").fetchone()[0], c.execute("select count(*) from editions").fetchone()[0])'; }
held_before=$(version)
began=$(date +%s.%N)
dpkg --force-depends -i /package/new.deb
held_after=$(version)
check "upgrade with a migration" "schema, documents, editions: $held_before -> $held_after, $(seconds "$began")" \
    sh -c "[ '${held_before#* }' = '${held_after#* }' ] && [ '${held_before%% *}' != '${held_after%% *}' ] && [ $(show ActiveState) = active ]"
check "what was edited is kept" "$(grep -c 'kind:' /etc/watcher/sources.yaml) sources in sources.yaml" cmp -s /relay/sources.yaml /etc/watcher/sources.yaml
check "backed up before the upgrade" "$(find /var/backups/watcher -name 'before-*' -printf '%f ')" sh -c "ls /var/backups/watcher/before-*.tar.gz"
check "and copied before the migration" "$(find /var/lib/watcher -name 'watcher.db.before-*' -printf '%f %m ')" sh -c "ls /var/lib/watcher/watcher.db.before-*"

# --- the end ------------------------------------------------------------------------------------------------------------------------
began=$(date +%s.%N)
systemctl stop watcher
check "stop" "$(show Result), $(seconds "$began")" sh -c "[ $(show Result)/$(show ActiveState) = success/inactive ]"
secret=$(cat /package/smtp-password)
check "no secret in the journal, nor in /var" "$(journal | wc -l) lines looked through" \
    sh -c "! journalctl --no-pager | grep -q '$secret' && ! grep -rqs '$secret' /var/lib/watcher /var/backups/watcher /etc/watcher"
journal | tail -n 60
dpkg -r watcher
check "uninstall, data kept" "$(stat -c '%n' /etc/watcher/sources.yaml /var/lib/watcher/watcher.db 2>&1 | tr '\n' ' '); unit: $(systemctl show watcher.service -p LoadState --value)" \
    sh -c "test -s /etc/watcher/sources.yaml && test -s /var/lib/watcher/watcher.db && [ ! -e /opt/watcher ] && [ ! -e /usr/bin/watcher ]"
dpkg -P watcher
check "purge" "backups left: $(find /var/backups/watcher -name '*.tar.gz' | wc -l)" sh -c '[ ! -e /etc/watcher ] && [ ! -e /var/lib/watcher ] && ls /var/backups/watcher/*.tar.gz'
echo end >>$results
systemctl poweroff
