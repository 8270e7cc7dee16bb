#!/bin/sh
# Sees to the browsers that the end-to-end tests drive. Chromium is needed; Firefox is welcome.
# They come from the system's packages, where that is allowed without a question: as root, or by a password-less sudo.
set -eu

find_first() {
    for name in "$@"; do
        if command -v "$name"; then return 0; fi
    done
    return 1
}

install() {
    command -v apt-get >/dev/null || return 1
    if [ "$(id -u)" = 0 ]; then as_root=""; elif sudo -n true 2>/dev/null; then as_root="sudo -n"; else return 1; fi
    # The lists are often missing (containers) or old; an update that fails is no reason not to try.
    $as_root apt-get update -qq || echo "apt-get update failed; trying with the lists that are there" >&2
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

find_first chromium chromium-browser google-chrome google-chrome-stable || {
    install chromium fonts-dejavu-core && find_first chromium
} || {
    echo "The tests need Chromium and found none. Install it (Debian: apt-get install chromium) and try again." >&2
    exit 1
}

find_first firefox-esr firefox || {
    install firefox-esr && find_first firefox-esr
} || echo "No Firefox: its tests are skipped. To run them too: apt-get install firefox-esr." >&2
