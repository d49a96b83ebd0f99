#!/bin/sh
# Speed and memory of a hunt against cat and ripgrep over the same logs in the same run: BUILD=build GB=2 tools/bench.sh
# Then the same logs as a CyLR zip, hunted in place, against `unzip -p | rg`. ZIP=0 leaves that out, ZIP=only does nothing else.
#
# The logs are made once per size (BUILD/bench/GB) and read once before the clock starts. Each figure is the best of RUNS; all tools get
# JOBS threads. GB = 10^9 bytes. Memory is the hunt's own peak of resident memory, from its report.
set -eu
build=${BUILD:-build}
gb=${GB:-2}
runs=${RUNS:-2}
jobs=${JOBS:-1}
zip=${ZIP:-1}
dir=$build/bench/$gb
work=$build/bench/work

mkdir -p "$work"
if [ ! -e "$dir.made" ]; then
    rm -rf "$dir"
    echo "making $gb GB of logs in $dir"
    "$build/lab" logs "$dir" --megabytes "$((gb * 1000))"
    : >"$dir.made"
fi
evidence=$dir/evidence
[ -d "$evidence" ] || evidence=$dir

# What the pack's rules look for, as near as plain text shows it: what a person would grep for.
cat >"$work/terms" <<'TERMS'
ServerInfo~
X-BEResource
/ecp/y.js
DDIService.svc/SetObject
Set-OabVirtualDirectory
Set-EcpVirtualDirectory
Remove-OabVirtualDirectory
ResetOABVirtualDirectory
proxyLogon.ecp
VirtualDirectory.ExternalUrl
/aspnet_client/
Download failed and temporary file
TERMS

find "$evidence" -type f -size +0 | LC_ALL=C sort | tr '\n' '\0' >"$work/files"
bytes=$(xargs -0 stat -c %s <"$work/files" | awk '{ s += $1 } END { printf "%.0f", s }')
count=$(tr -cd '\000' <"$work/files" | wc -c)
echo "$count files, $bytes bytes, $jobs thread(s), best of $runs"
xargs -0 cat <"$work/files" >/dev/null

# What is timed; each is one shell function.
run_cat() { xargs -0 cat <"$work/files" >/dev/null; }
run_rg() { rg -c -i -F --no-ignore --hidden -a -j "$jobs" -f "$work/terms" "$evidence" >/dev/null || [ $? -eq 1 ]; }
run_rg_regex() { rg -c -i --no-ignore --hidden -a -j "$jobs" 'ServerInfo~[^,]*/|Server~[^,]*/[^,]*~|(Set|New|Remove)-\w+VirtualDirectory|/aspnet_client/[^ ,]*\.as(px|hx|mx)|proxyLogon\.ecp' "$evidence" >/dev/null || [ $? -eq 1 ]; }
run_hunt() {
    code=0
    "$build/afterpatch" hunt --quiet --json - --jobs "$jobs" "$evidence" >"$work/report.json" || code=$?
    case $code in 0 | 3 | 4 | 5 | 6 | 7) ;; *) return 1 ;; esac
}

# best NAME FUNCTION: prints a row, sets `seconds`.
best() {
    seconds=''
    i=0
    while [ "$i" -lt "$runs" ]; do
        i=$((i + 1))
        from=$(date +%s%N)
        "$2" || {
            echo "bench: $1 failed" >&2
            exit 1
        }
        till=$(date +%s%N)
        took=$(awk -v a="$from" -v b="$till" 'BEGIN { printf "%.3f", (b - a) / 1e9 }')
        seconds=$(awk -v a="${seconds:-$took}" -v b="$took" 'BEGIN { print a + 0 < b + 0 ? a : b }')
    done
    awk -v n="$1" -v s="$seconds" -v b="$bytes" 'BEGIN { printf "%-36s %9.2f s %9.3f GB/s\n", n, s, s ? b / s / 1e9 : 0 }'
}
ratio() { awk -v n="$1" -v other="$2" -v hunt="$hunt" 'BEGIN { printf "hunt against %-23s %9.2f times as fast\n", n, hunt ? other / hunt : 0 }'; }

peak() {
    sed -n 's/.*"peak_memory_bytes": *\([0-9]*\).*/\1/p' "$1" | head -n 1 |
        awk '{ printf "peak memory of the hunt %27.1f MiB %s\n", $1 / 1048576, $1 < 268435456 ? "(under 256)" : "(OVER 256)"; exit !($1 < 268435456) }'
}

# ---- the zip ----

# A pipe of two programs keeps two cores busy, so the hunt gets two threads unless JOBS says otherwise.
zip_jobs=${JOBS:-2}
run_hunt_zip() {
    code=0
    "$build/afterpatch" hunt --quiet --json - --jobs "$zip_jobs" "$packed" >"$work/zip.json" || code=$?
    case $code in 0 | 3 | 4 | 5 | 6 | 7) ;; *) return 1 ;; esac
}
run_unzip() { unzip -p "$packed" >/dev/null; }
# rg has one pipe to read, so more threads would not help it.
run_unzip_rg() { unzip -p "$packed" | rg -c -i -F -a -f "$work/terms" >/dev/null || [ $? -eq 1 ]; }
zip_case() {
    packed=$dir.zip/EXCH01.zip
    if [ ! -e "$packed" ]; then
        echo "packing them into $packed"
        rm -rf "$dir.zip.part"
        "$build/lab" pack "$evidence" cylr "$dir.zip.part" --server EXCH01 >/dev/null
        mv "$dir.zip.part" "$dir.zip"
    fi
    echo
    echo "as a zip of $(stat -c %s "$packed") bytes, $zip_jobs thread(s)"
    cat "$packed" >/dev/null
    best "afterpatch hunt, zip in place" run_hunt_zip
    hunt=$seconds
    if command -v unzip >/dev/null 2>&1 && command -v rg >/dev/null 2>&1; then
        best "unzip -p >/dev/null" run_unzip
        best "unzip -p | rg -c -i -F, 12 literals" run_unzip_rg
        ratio "unzip -p | rg" "$seconds"
    else
        echo "unzip or rg is not installed: no comparison with them"
    fi
    peak "$work/zip.json"
}
if [ "$zip" = only ]; then
    zip_case
    exit
fi

best "afterpatch hunt" run_hunt
hunt=$seconds
best "cat >/dev/null" run_cat
cat=$seconds
if command -v rg >/dev/null 2>&1; then
    best "rg -c -i -F, 12 literals" run_rg
    rg=$seconds
    best "rg -c -i, 5 expressions" run_rg_regex
    rg_regex=$seconds
    ratio "rg, literals" "$rg"
    ratio "rg, expressions" "$rg_regex"
else
    echo "rg is not installed: no comparison with it"
fi
ratio "cat" "$cat"
peak "$work/report.json"
[ "$zip" = 0 ] || zip_case
