#!/bin/bash
# Boots a copy of this machine's own root with systemd as its first process and runs a script in it. Nothing is written to
# this machine: the copy is an overlay in memory.
#
#     boot.sh SCRIPT [FILE…]      the files lie beside the script, in /root/test
#
# Exit code 77: it cannot be done here, and the last line says why. Needs root and the packages systemd-container and dbus.
set -u

skip() {
    echo "skipped: $1"
    exit 77
}

[ "$(id -u)" = 0 ] || skip "only root can boot a system"
for tool in systemd-nspawn nsenter unshare dbus-daemon; do
    command -v $tool >/dev/null || skip "$tool is missing (packages systemd-container and dbus)"
done
[ -x /lib/systemd/systemd ] || skip "systemd is not installed"

folder=$(mktemp -d "${TMPDIR:-/dev/shm}/orgbox-boot.XXXXXX")
supervisor=
init=

inside() {
    nsenter --target "$init" --all env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive "$@"
}

finish() {
    if [ -n "$init" ]; then
        inside systemctl poweroff >/dev/null 2>&1
    fi
    if [ -n "$supervisor" ]; then
        for _ in $(seq 100); do
            kill -0 "$supervisor" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL "$supervisor" 2>/dev/null
        wait "$supervisor" 2>/dev/null
    fi
    umount --lazy "$folder/root" 2>/dev/null
    umount --lazy "$folder" 2>/dev/null
    rmdir "$folder" 2>/dev/null
}
trap finish EXIT

mount -t tmpfs tmpfs "$folder" || skip "no tmpfs can be mounted"
mkdir "$folder/upper" "$folder/work" "$folder/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/upper,workdir=$folder/work" "$folder/root" ||
    skip "no overlay of this root can be mounted"
root=$folder/root

# Of what this machine would start only systemd itself is kept.
mkdir -p "$root/etc/systemd/system" "$root/etc/systemd/journald.conf.d" "$root/root/test"
: >"$root/etc/fstab"
echo uninitialized >"$root/etc/machine-id"
rm -rf "$root"/etc/systemd/system/*.wants "$root/usr/sbin/policy-rc.d"
ln -sf /lib/systemd/system/multi-user.target "$root/etc/systemd/system/default.target"
ln -sf /dev/null "$root/etc/systemd/system/systemd-firstboot.service"
printf '[Journal]\nStorage=volatile\nRateLimitIntervalSec=0\n' >"$root/etc/systemd/journald.conf.d/test.conf"
script=$1
cp -- "$@" "$root/root/test/"

# A /run of its own: nspawn propagates mounts through it, and this machine's may be of any kind.
setsid unshare --mount --propagation private bash -c "mount -t tmpfs tmpfs /run && exec systemd-nspawn --quiet \
    --directory='$root' --boot --register=no --keep-unit --private-network --console=pipe --machine=orgbox-test" \
    </dev/null >"$folder/console" 2>&1 &
supervisor=$!

state=none
for _ in $(seq 600); do
    sleep 0.1
    kill -0 "$supervisor" 2>/dev/null || break
    init=$(pgrep --parent "$supervisor" | head -n 1)
    [ -n "$init" ] && state=$(inside systemctl is-system-running 2>/dev/null)
    case "$state" in running | degraded) break ;; esac
done
case "$state" in
running | degraded) echo "booted: $state" ;;
*)
    tail -n 5 "$folder/console"
    skip "systemd did not come up ($state)"
    ;;
esac
inside bash "/root/test/$(basename "$script")"
