# What an installer and an operator do with the package on a booted machine. Run by boot.sh with old.deb and new.deb beside.
# Each step prints its name; the first that does not hold ends it.
set -u
cd /root/test
URL=http://127.0.0.1:8480

step() { echo "step: $1"; }
fail() {
    echo "FAILED: $1"
    systemctl status orgbox --no-pager --lines=30
    exit 1
}
must() { "$@" >/tmp/out 2>&1 || { cat /tmp/out; fail "$*"; }; }
property() { systemctl show --property "$1" --value orgbox; }
equal() { [ "$2" = "$3" ] || fail "$1: $2, and not $3"; }
# Waits until a command succeeds: `soon 20 COMMAND` for at most 20 seconds.
soon() {
    local seconds=$1
    shift
    for _ in $(seq $((seconds * 10))); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.1
    done
    fail "it did not come about in ${seconds} s: $*"
}
is() { [ "$(property "$1")" = "$2" ]; }
status_has() { property StatusText | grep --quiet --fixed-strings "$1"; }
sign_in() { curl --silent --fail --output /dev/null --user "admin:$PASSWORD" $URL/orgbox/v1/status; }
files() {
    find /etc /usr /var /opt /srv /home /run/systemd /root -xdev \
        \( -path /var/lib/dpkg -o -path /var/log -o -path /var/cache -o -path /run/systemd/journal \
        -o -path /run/systemd/units -o -path /run/systemd/transient -o -path /run/systemd/inaccessible \
        -o -path /run/systemd/propagate -o -path /var/tmp -o -path /root/test -o -path /var/lib/systemd/timers \
        -o -path /usr/share/mime \) \
        -prune -o -print | grep --invert-match --extended-regexp '/(passwd|shadow|group|gshadow|subuid|subgid)-$' | sort
}
files >/tmp/before

step "the package installs, starts and is ready"
# An operator who has prepared a secret finds it in force at once.
install -d -m 700 /etc/credstore
install -m 600 /dev/stdin /etc/credstore/orgbox.watcher-system-key <<<"a-key-of-billing-4711"
must dpkg --install old.deb
must systemctl is-active orgbox
must systemctl is-enabled orgbox
equal "the type" "$(property Type)" notify
status_has "Serving on 127.0.0.1:8480" || fail "the status: $(property StatusText)"
equal "the account" "$(ps -o user= -p "$(property MainPID)")" orgbox
equal "the start limit" "$(property StartLimitIntervalUSec)" 0
# What is in force may be less where this machine itself allows less.
equal "the limit of open files" "$(property LimitNOFILE)" 32768

step "the first password is where only root finds it"
equal "its rights" "$(stat -c '%a %U' /var/lib/orgbox/first-password)" "600 orgbox"
equal "the folder's rights" "$(stat -c '%a %U' /var/lib/orgbox)" "700 orgbox"
PASSWORD=$(cat /var/lib/orgbox/first-password)
must sign_in
journalctl --no-pager | grep --quiet --fixed-strings -- "$PASSWORD" && fail "the journal holds the password"
grep --recursive --quiet --fixed-strings -- "$PASSWORD" /var/log /tmp 2>/dev/null && fail "a log holds the password"

step "a credential is in force, and nobody else can read it"
equal "by the system key" "$(curl --silent --output /dev/null --write-out '%{http_code}' \
    --header 'x-vsaas-api-key: a-key-of-billing-4711' $URL/vsaas/api/v2/organizations/)" 200
setpriv --reuid=65534 --clear-groups cat /run/credentials/orgbox.service/watcher-system-key 2>/dev/null &&
    fail "nobody can read the credential"

step "root speaks to the box without naming its configuration"
must orgbox org create electric-inc title="Electric Inc."
must orgbox org show electric-inc
orgbox status | grep --quiet electric && fail "this is not the status"

step "the journal has priorities, and no times of ours"
entry=$(journalctl --unit orgbox --output json --no-pager | grep '"MESSAGE":"started' | tail -n 1)
echo "$entry" | grep --quiet '"PRIORITY":"6"' || fail "an information: $entry"
curl --silent --user admin:wrong-password $URL/api/v1/orgs >/dev/null
soon 5 sh -c 'journalctl --unit orgbox --priority 4 --no-pager --output cat | grep "^sign-in failed"'

step "a reload is told as one"
printf 'version = 1\n[organizations."electric-inc"]\ncamera_limit = 7\n' >/etc/orgbox/config.d/10-limits.toml
must systemctl reload orgbox
soon 10 sh -c 'orgbox org show electric-inc --json | grep "\"camera_limit\": 7"'
soon 10 is ActiveState active
printf 'version = 1\n[organizations."electric-inc"]\ncamera_limit = "many"\n' >/etc/orgbox/config.d/10-limits.toml
must systemctl reload orgbox
soon 10 status_has "configuration files rejected"
rm /etc/orgbox/config.d/10-limits.toml
printf 'version = 1\n' >/etc/orgbox/config.d/10-limits.toml

step "killed, it comes back with its data"
first=$(property MainPID)
systemctl kill --signal=KILL orgbox
soon 20 is NRestarts 1
soon 20 systemctl is-active orgbox
[ "$(property MainPID)" != "$first" ] || fail "it is the same process"
must orgbox org show electric-inc

step "a stuck thread is found by the watchdog"
mkdir -p /run/systemd/system/orgbox.service.d
printf '[Service]\nWatchdogSec=2\nTimeoutAbortSec=2\n' >/run/systemd/system/orgbox.service.d/watchdog.conf
systemctl daemon-reload
must systemctl restart orgbox
restarts=$(property NRestarts)
for thread in writer actix upstream; do
    python3 hold_thread.py "$(property MainPID)" $thread >/tmp/held 2>&1 &
    soon 10 grep --quiet held /tmp/held
    restarts=$((restarts + 1))
    soon 30 is NRestarts "$restarts"
    soon 20 systemctl is-active orgbox
done
journalctl --unit orgbox --no-pager --output cat | grep --quiet "no progress.*threads=\"writer\"" || fail "the log names the writer"
journalctl --unit orgbox --no-pager --output cat | grep --quiet "Watchdog timeout" || fail "no watchdog"
systemctl kill --signal=STOP orgbox
soon 30 is NRestarts $((restarts + 1))
soon 20 systemctl is-active orgbox
must orgbox org show electric-inc
rm -r /run/systemd/system/orgbox.service.d
systemctl daemon-reload

step "an upgrade keeps data, configuration and what was switched on"
echo '# Ours.' >>/etc/orgbox/config.toml
before=$(property MainPID)
must dpkg --install new.deb
must systemctl is-active orgbox
must systemctl is-enabled orgbox
[ "$(property MainPID)" != "$before" ] || fail "the old process still runs"
equal "the version" "$(dpkg-query --show --showformat '${Version}' orgbox)" "$(dpkg-deb --field new.deb Version)"
grep --quiet '^# Ours\.$' /etc/orgbox/config.toml || fail "the configuration was replaced"
must orgbox org show electric-inc
must sign_in

step "a stop is quick and good"
must systemctl stop orgbox
equal "the result" "$(property Result)" success
equal "the exit code" "$(property ExecMainStatus)" 0

step "what root makes beside the database is the box's"
rm /var/lib/orgbox/orgbox.db.lock /var/lib/orgbox/orgbox.ballast
must orgbox org show electric-inc
must orgbox backup create
find /var/lib/orgbox ! -user orgbox >/tmp/out
[ -s /tmp/out ] && { cat /tmp/out; fail "files of root are left"; }
must systemctl start orgbox
must orgbox org show electric-inc
must systemctl stop orgbox

step "a wrong configuration does not loop"
cp /etc/credstore/orgbox.watcher-system-key /tmp/key
echo short >/etc/credstore/orgbox.watcher-system-key
systemctl start orgbox 2>/dev/null && fail "it starts with a key that is too short"
equal "the exit code" "$(property ExecMainStatus)" 78
equal "the state" "$(property ActiveState)" failed
equal "starts" "$(property NRestarts)" 0
journalctl --unit orgbox --priority 3 --no-pager --output cat | grep --quiet '^orgbox: ' || fail "the reason is no error in the journal"
cp /tmp/key /etc/credstore/orgbox.watcher-system-key
must systemctl start orgbox

step "systemd listens in its place"
mkdir -p /run/systemd/system/orgbox.socket.d
printf '[Socket]\nListenStream=\nListenStream=127.0.0.1:80\n' >/run/systemd/system/orgbox.socket.d/port.conf
systemctl daemon-reload
must systemctl stop orgbox
must systemctl enable --now orgbox.socket
# The connection itself starts the box.
must curl --silent --fail --max-time 30 http://127.0.0.1:80/healthz
curl --silent --max-time 2 $URL/healthz && fail "the configured address is served as well"
status_has "Serving on 127.0.0.1:80" || fail "the status: $(property StatusText)"

step "its exposure is low"
systemd-analyze security --threshold=12 --no-pager orgbox >/tmp/out || { tail -n 1 /tmp/out; fail "exposed"; }
tail -n 1 /tmp/out

step "a purge asks nothing and leaves nothing"
rm -r /run/systemd/system/orgbox.socket.d
must dpkg --purge orgbox </dev/null
getent passwd orgbox && fail "the account is left"
getent group orgbox && fail "the group is left"
systemctl list-unit-files --no-legend --no-pager | grep orgbox && fail "a unit is left"
files >/tmp/after
comm -13 /tmp/before /tmp/after >/tmp/left
[ -s /tmp/left ] && { cat /tmp/left; fail "files are left"; }
pgrep --exact orgbox && fail "a process is left"
echo "all well"
