# State and configuration stay: RPM knows no purge. To be rid of them: rm -r /var/lib/orgbox /etc/orgbox
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload || :
fi
