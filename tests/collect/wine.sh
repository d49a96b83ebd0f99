#!/bin/sh
# The batch file of `afterpatch collect`, run by Wine's cmd on servers that the lab makes, and its copies hunted.
# usage: wine.sh AFTERPATCH LAB. Exit 77: no Wine here.
set -u

program=$1
lab=$2
here=$(cd "$(dirname "$0")" && pwd)

wine=$(command -v wine || command -v wine64 || command -v /usr/lib/wine/wine64) || {
    echo "skipped: no wine here (packages: wine and wine64)"
    exit 77
}
work=$(mktemp -d "${TMPDIR:-/tmp}/afterpatch-collect.XXXXXX") || exit 1
export WINEPREFIX="$work/prefix" WINEDEBUG=-all WINEARCH=win64 WINEDLLOVERRIDES="mscoree=d;mshtml=d;winemenubuilder.exe=d"
unset DISPLAY WAYLAND_DISPLAY
# Wine links the folders of its user to those of ours.
export HOME="$work/home"
mkdir "$HOME" || exit 1
trap 'wineserver -k >/dev/null 2>&1; rm -rf "$work"' EXIT INT TERM
bad=0
fail() {
    echo "collect: $*"
    bad=1
}
# Wine says on stderr that it has no 32-bit part: no news here. A wine that hangs is ended.
run_wine() { timeout 150 "$wine" "$@" 2>"$work/wine.err"; }

mkdir "$WINEPREFIX" && run_wine cmd /c ver >/dev/null || {
    cat "$work/wine.err"
    echo "skipped: wine does not start here"
    exit 77
}
c=$WINEPREFIX/drive_c

# hunted SCENARIO FOLDER: the copies say what the truth says.
hunted() {
    want=$(sed -n 's/^ *"exit_code": *\([0-9]*\).*/\1/p' "$work/$1/truth.json")
    "$program" hunt --quiet --out "$work/$1-out" "$2" >"$work/stdout" 2>"$work/stderr"
    got=$?
    [ "$got" -eq "$want" ] || { fail "$1: the copies give exit code $got, the truth says $want"; cat "$work/stderr"; }
    "$lab" check "$work/$1/truth.json" "$work/$1-out/report.json" || fail "$1: the copies tell another story"
}

# ---- a server with Exchange on D:, sites and logs on E: ----
"$lab" make moved-roots "$work/moved-roots" --seed 7 || exit 1
/usr/bin/python3 "$here/lay.py" "$work/moved-roots/evidence/C" "$c"
ln -s "$work/moved-roots/evidence/D" "$WINEPREFIX/dosdevices/d:"
ln -s "$work/moved-roots/evidence/E" "$WINEPREFIX/dosdevices/e:"
mkdir -p "$c/windows/system32/winevt/Logs" "$c/Sites/Shop & (more)!" "$c/target" "$work/tools" "$work/script"
echo ElfFile >"$c/windows/system32/winevt/Logs/Security.evtx"
echo '<p>shop</p>' >"$c/Sites/Shop & (more)!/index.html"
: >"$c/Sites/Shop & (more)!/empty.txt"
cp "$here"/tools/*.cmd "$work/tools/"
cat >"$work/tools/iis-folders.txt" <<'END'
E:\Sites\wwwroot
D:\Exch\V15\FrontEnd\HttpProxy\owa
%SystemDrive%\inetpub\wwwroot
C:\Sites\Shop & (more)!
C:\
C:\windows\System32\
C:\nowhere" & echo injected & rem "
\\files\share\web
END
printf 'E:\\IISLogs\nE:\\IISLogs\n' >"$work/tools/iis-logs.txt"
sed -i 's/$/\r/' "$work"/tools/*
ln -s "$work/tools" "$WINEPREFIX/dosdevices/y:"
ln -s "$work/script" "$WINEPREFIX/dosdevices/x:"

"$program" collect --out "$work/collect.cmd" || exit 1
# tailor FILE: the programs that Wine lacks become the stand-ins of tools/.
tailor() {
    sed -e 's|^set "ROBOCOPY=.*\r$|set "ROBOCOPY=call Y:\\robocopy.cmd"\r|' -e 's|^set "WEVTUTIL=.*\r$|set "WEVTUTIL=call Y:\\wevtutil.cmd"\r|' \
        -e 's|^set "CERTUTIL=.*\r$|set "CERTUTIL=call Y:\\certutil.cmd"\r|' -e 's|^set "APPCMD=.*\r$|set "APPCMD=call Y:\\appcmd.cmd"\r|' \
        -e 's|^set "TZUTIL=.*\r$|set "TZUTIL=call Y:\\tzutil.cmd"\r|' -e 's|^%REG% save |call Y:\\regsave.cmd |' "$1"
}
tailor "$work/collect.cmd" >"$work/script/collect.cmd"
[ "$(tailor "$work/collect.cmd" | diff - "$work/collect.cmd" | grep -c '^<')" -eq 6 ] || fail "the tools' lines of the batch file are others than those this test replaces"
export STAND_LOG='Y:\robocopy.log'

run_wine cmd /c 'X:\collect.cmd' 'C:\target' >"$work/said"
[ $? -eq 3 ] || fail "it runs without an administrator"
run_wine reg add 'HKU\S-1-5-19' /f >/dev/null
run_wine reg add 'HKLM\SOFTWARE\Microsoft\ExchangeServer\v15\Setup' /v MsiInstallPath /d 'D:\Exch\V15\' /f >/dev/null

"$program" collect --families setup,av_logs,iis_config --out "$work/few.cmd" || exit 1
tailor "$work/few.cmd" >"$work/script/few.cmd"
run_wine cmd /c 'X:\few.cmd' 'C:\ExchangeSetupLogs\mine' >"$work/said"
[ $? -eq 2 ] || { fail "a target inside what is copied is not refused"; cat "$work/said"; }
[ -z "$(ls -A "$c/ExchangeSetupLogs/mine" 2>/dev/null)" ] || fail "a refused target is not left empty"
rmdir "$c/ExchangeSetupLogs/mine"

find "$c" "$work/moved-roots/evidence/" \( -path "$c/target" -o -path "$c/users/*/Temp" \) -prune -o -type f -printf '%p %s %T@\n' | sort >"$work/before"
run_wine cmd /c 'X:\collect.cmd' 'C:\target' /nohash >"$work/said"
code=$?
find "$c" "$work/moved-roots/evidence/" \( -path "$c/target" -o -path "$c/users/*/Temp" \) -prune -o -type f -printf '%p %s %T@\n' | sort >"$work/after"
cmp -s "$work/before" "$work/after" || { fail "a source was changed"; diff "$work/before" "$work/after" | head -5; }
set -- "$c"/target/*
[ $# -eq 1 ] && [ -d "$1" ] || fail "not one new folder: $*"
took=$1
# Two folders that are too wide, one on another computer: told, and the exit code says so.
[ "$code" -eq 1 ] || { fail "exit code $code"; cat "$work/said" "$work/wine.err"; }
for words in 'IIS serves C:,' 'IIS serves C:.windows.System32,' 'share.web is no folder of a drive here' 'Not copied: .MFT' 'Event log Security' 'Registry hive SYSTEM' \
    'Not there: event log System'; do
    grep -q "$words" "$took/collect/collect.log" || fail "collect.log does not say: $words"
done
grep -qi injected "$work/said" && ! grep -q 'nowhere' "$work/said" && fail "a folder's name ran as a command"
for file in "C/Sites/Shop & (more)!/index.html" C/windows/System32/winevt/Logs/Security.evtx \
    C/windows/System32/config/SOFTWARE collect/host.txt; do
    [ -s "$took/$file" ] || fail "missing: $file"
done
grep -iqE '/(MIR|MOV|MOVE|PURGE)( |$)' "$work/tools/robocopy.log" && fail "robocopy is asked to move or to delete"
hunted moved-roots "$took"

# ---- again, a few families: a new folder, with sums ----
: >"$c/ExchangeSetupLogs/empty.txt"
rm -rf "$took"
mkdir "$took"
run_wine reg add 'HKU\S-1-5-19' /f >/dev/null
run_wine cmd /c 'X:\few.cmd' 'C:\target' >"$work/said" || { fail "the few families: exit code $?"; cat "$work/said"; }
set -- "$c"/target/*/collect/sha256.csv
[ $# -eq 1 ] && [ -s "$1" ] || fail "not one list of sums: $*"
[ -z "$(ls -A "$took")" ] || fail "the second run wrote into the first one's folder"
grep -q '"5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8",".*applicationHost.config"' "$1" || fail "no sum of applicationHost.config"
grep -q '"e3b0c442.*",".*empty.txt"' "$1" || fail "no sum of an empty file"
[ ! -d "${1%/collect/*}/C/inetpub/wwwroot" ] || fail "pages were copied that nobody asked for"
exit $bad
