#!/bin/bash
# Prove the two-command set-up on a bare Debian: a fresh root with python3 and make only, in which a clone of this
# repository must say what an ordinary user has to install, and as root set itself up, test and say there is no display.
#
#   sudo packaging/check-bare-root.sh [FOLDER]     the folder (default: a temporary one) receives the root, about 4 GB
#
# From the caller's environment: SUITE (bookworm), MIRROR and ARCHIVE_PARTS such as main,universe (debootstrap's own), KEEP=1,
# ARGS for pytest, proxies, and everything `pip config list` shows; local files named there are lent to the root.
set -euo pipefail

[ "$(id -u)" = 0 ] || { echo 'debootstrap and chroot need root.' >&2; exit 1; }
command -v debootstrap >/dev/null || { echo 'debootstrap is missing: apt-get install -y debootstrap' >&2; exit 1; }

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
root=${1:-$(mktemp -d)}
chmod 755 "$root" 2>/dev/null || true # a temporary folder is closed to the ordinary user who is to live in it
place=/home/visitor/hadviewer
log=$(mktemp)
trap '[ -n "${KEEP:-}" ] || rm -rf --one-file-system "$root"; rm -f "$log"' EXIT

timed() { # timed NAME COMMAND...: run it, report how long it took, pass its status on
    local name=$1 start=$EPOCHREALTIME status=0
    shift
    "$@" || status=$?
    printf '== %s: %.1f s, exit status %d\n' "$name" "$(echo "$EPOCHREALTIME $start" | awk '{print $1 - $2}')" "$status"
    return "$status"
}

inside() { # inside USER COMMAND: run it in the root, with mounts that vanish when it ends
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HTTP_PROXY="${HTTP_PROXY:-}" HTTPS_PROXY="${HTTPS_PROXY:-}" \
        http_proxy="${http_proxy:-}" https_proxy="${https_proxy:-}" no_proxy="${no_proxy:-}" \
        unshare --mount bash -euc '
            root=$1 user=$2 command=$3
            mount -t proc proc "$root/proc"
            mkdir -p "$root/dev/shm"
            mount -t tmpfs tmpfs "$root/dev/shm"
            mkdir -p "$root/dev/pts"
            mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
            ln -sf pts/ptmx "$root/dev/ptmx"
            while read -r path; do mount --bind -o ro "$path" "$root/caller$path"; done <"$root/caller/paths"
            exec chroot "$root" su "$user" --command "$command" </dev/null
        ' bash "$root" "$1" "cd $place && $2"
}

expect_refusal() { # expect_refusal WORDS COMMAND...: it must fail and say these words
    local words=$1
    shift
    if "$@" >"$log" 2>&1; then cat "$log"; echo "== expected a refusal" >&2; return 1; fi
    cat "$log"
    grep -q "$words" "$log" || { echo "== expected it to say: $words" >&2; return 1; }
}

copy_pip_settings() { # one pip.conf with the caller's settings; the local files and folders it names appear under /caller
    mkdir "$root/caller"
    python3 -m pip config list | python3 -c '
import ast, sys
settings = {}
for line in sys.stdin:
    key, _, value = line.strip().partition("=")
    settings[key.rpartition(".")[2]] = " ".join(ast.literal_eval(value).split())
sys.stdout.write("[global]\n" + "".join("{} = {}\n".format(*item) for item in settings.items()))
' >"$root/etc/pip.conf"
    grep -oE '(file://| )/[^ ]+' "$root/etc/pip.conf" | sed -E 's#^(file://| )##; s#/simple/?$##' | sort -u |
        while read -r path; do if [ -e "$path" ]; then echo "$path"; fi; done >"$root/caller/paths"
    while read -r path; do
        mkdir -p "$root/caller$(dirname "$path")"
        if [ -d "$path" ]; then mkdir -p "$root/caller$path"; else touch "$root/caller$path"; fi
    done <"$root/caller/paths"
    sed -i -E 's#(file://| )/#\1/caller/#g' "$root/etc/pip.conf"
}

timed 'bare root' debootstrap --variant=minbase ${ARCHIVE_PARTS:+--components="$ARCHIVE_PARTS"} --include=python3,make "${SUITE:-bookworm}" "$root" ${MIRROR:+"$MIRROR"} >"$log" ||
    { tail -n 20 "$log" >&2; exit 1; }
tail -n 1 "$log"
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
copy_pip_settings
chroot "$root" useradd --create-home visitor
git clone --quiet --no-hardlinks "$repository" "$root$place"
chroot "$root" chown -R visitor "$place"

timed 'make test as an ordinary user (says what to install)' expect_refusal 'apt-get install' inside visitor 'make test'
chroot "$root" chown -R root "$place"
timed 'make setup as root' inside root 'make setup'
status=0
timed 'make test as root' inside root "make test ARGS='${ARGS:-}'" || status=$?
timed 'make test again, collecting only' inside root 'make test ARGS="--collect-only -q" | tail -n 3' || status=$?
timed 'make run without a display (says so)' expect_refusal 'no display' inside root 'make run' || status=$?
timed 'make screenshot' inside root 'make screenshot && ls -l screenshot.png' || status=$?
exit "$status"
