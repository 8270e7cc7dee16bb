#!/bin/sh
# Sees to what the tests of rooms meet: Mosquitto (a broker) and coturn (a TURN server). Both are welcome: without them their
# tests are skipped, and in continuous integration fail.
# They come from the system's packages, where that is allowed without a question: as root, or by a password-less sudo.
set -eu

# Debian puts them where only root looks.
PATH="$PATH:/usr/sbin:/usr/local/sbin"

install() {
    command -v apt-get >/dev/null || return 1
    if [ "$(id -u)" = 0 ]; then as_root=""; elif sudo -n true 2>/dev/null; then as_root="sudo -n"; else return 1; fi
    # The lists are often missing (containers) or old; an update that fails is no reason not to try.
    $as_root apt-get update -qq || echo "apt-get update failed; trying with the lists that are there" >&2
    # Debian starts what it installs, on all interfaces or on well-known ports. The tests start their own, on free
    # ports: what was not there before is not to listen, now or after the next start of the machine.
    refuse=""
    if [ ! -e /usr/sbin/policy-rc.d ]; then
        refuse=/usr/sbin/policy-rc.d
        printf '#!/bin/sh\nexit 101\n' | $as_root tee "$refuse" >/dev/null
        $as_root chmod +x "$refuse"
    fi
    status=0
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" >&2 || status=$?
    if [ -n "$refuse" ]; then $as_root rm -f "$refuse"; fi
    if [ "$status" = 0 ] && command -v systemctl >/dev/null; then
        $as_root systemctl disable --now "$1" >/dev/null 2>&1 || true
    fi
    return "$status"
}

see_to() {
    command -v "$1" || { install "$2" && command -v "$1"; } ||
        echo "No $1: its tests are skipped. To run them too: apt-get install $2." >&2
}

see_to mosquitto mosquitto
see_to turnserver coturn
