# $1: how many versions are installed after this; 1 is a first installation.
systemd-sysusers orgbox.conf
systemd-tmpfiles --create orgbox.conf || :
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload || :
    if [ "$1" -eq 1 ]; then
        systemctl enable --now orgbox.service || :
        if [ -e /var/lib/orgbox/first-password ]; then
            echo "orgbox runs. The first password of admin is in /var/lib/orgbox/first-password, readable for root."
        fi
    else
        systemctl try-restart orgbox.service || :
    fi
fi
