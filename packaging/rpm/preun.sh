# $1: how many versions are left after this; 0 is a removal.
if [ "$1" -eq 0 ] && [ -d /run/systemd/system ]; then
    systemctl disable --now orgbox.socket orgbox.service || :
fi
