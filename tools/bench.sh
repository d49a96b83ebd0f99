#!/bin/sh
# Speed and memory of a hunt against cat, wc and ripgrep over the same logs in the same run: BUILD=build GB=2 tools/bench.sh
#
#   logs        made once per size and rate below BUILD/bench: RARE and COMMON rows in a thousand are an intruder's (0.1 and 50)
#   patterns    ripgrep looks for what the hunt's own search looks for: the literals of the whole pack and of LEARNT (200) learnt pages, in any case;
#               and, for comparison, for the dozen words that a person would grep for
#   rows        wall time and CPU time of the best of RUNS (3), by CPU time: on a machine with other work the wall tells of that
#   stage       the search of the logs alone, without inventory, files, verdict and report: tools/scanbench
#   RULES=DIR   the same with a folder of Sigma rules, SigmaHQ's for web servers say
#   ZIP=0       leaves out the same logs as a CyLR zip, hunted in place, against `unzip -p | rg`; ZIP=only does nothing else
#
#   IMAGE=0     without the disk image
# All files are read once before the clock starts, and again before each row. GB = 10^9 bytes. Memory is the hunt's own peak, from its report.
set -eu
build=${BUILD:-build}
gb=${GB:-2}
runs=${RUNS:-3}
zip=${ZIP:-1}
rules=${RULES:-}
learnt=${LEARNT:-200}
work=$build/bench/work
mkdir -p "$work"

# logs RATE: makes them where they are missing; sets dir, evidence.
logs() {
    dir=$build/bench/$gb-$1
    if [ ! -e "$dir.made" ]; then
        rm -rf "$dir"
        echo "making $gb GB of logs in $dir"
        "$build/lab" logs "$dir" --megabytes "$((gb * 1000))" --hit-rate "$1" >/dev/null
        : >"$dir.made"
    fi
    evidence=$dir/evidence
    [ -d "$evidence" ] || evidence=$dir
    find "$evidence" -type f -size +0 | LC_ALL=C sort | tr '\n' '\0' >"$work/files"
    bytes=$(xargs -0 stat -c %s <"$work/files" | awk '{ s += $1 } END { printf "%.0f", s }')
    count=$(tr -cd '\000' <"$work/files" | wc -c)
    warm
}
warm() { xargs -0 cat <"$work/files" >/dev/null; }

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

# What is timed; each is one shell function.
run_cat() { xargs -0 cat <"$work/files" >/dev/null; }
run_wc() { xargs -0 wc -l <"$work/files" >/dev/null; }
rg_over() { rg -c -i -F --no-ignore --hidden -a -j "$1" -f "$2" "$evidence" >/dev/null || [ $? -eq 1 ]; }
run_rg() { rg_over 1 "$work/patterns"; }
run_rg_all() { rg_over 0 "$work/patterns"; }
run_rg_terms() { rg_over 1 "$work/terms"; }
hunt_with() {
    code=0
    "$build/afterpatch" hunt --quiet --json - "$@" "$evidence" >"$work/report.json" || code=$?
    case $code in 0 | 3 | 4 | 5 | 6 | 7) ;; *) return 1 ;; esac
}
run_hunt() { hunt_with --jobs 1; }
run_hunt_2() { hunt_with --jobs 2; }
run_hunt_out() {
    rm -rf "$work/out"
    hunt_with --jobs 1 --out "$work/out"
}
run_hunt_rules() { hunt_with --jobs 1 --rules "$rules"; }
run_hunt_rules_2() { hunt_with --jobs 2 --rules "$rules"; }

# CPU seconds of all children so far. Not in a subshell, which has no children.
children() {
    times >"$work/times"
    cpu=$(sed -n '2s/[ms]/ /gp' "$work/times" | awk '{ printf "%.3f", $1 * 60 + $2 + $3 * 60 + $4 }')
}

# best NAME FUNCTION: prints a row; sets `seconds` (wall) and `cpu_seconds` of the run that took least CPU time.
best() {
    seconds='' cpu_seconds='' i=0
    warm
    while [ "$i" -lt "$runs" ]; do
        i=$((i + 1))
        children
        cpu_from=$cpu
        from=$(date +%s%N)
        "$2" || {
            echo "bench: $1 failed" >&2
            exit 1
        }
        till=$(date +%s%N)
        children
        row=$(awk -v a="$from" -v b="$till" -v c="$cpu_from" -v d="$cpu" -v s="$seconds" -v o="$cpu_seconds" 'BEGIN {
            w = (b - a) / 1e9; u = d - c
            printf "%.3f %.3f", s == "" || w < s + 0 ? w : s, o == "" || u < o + 0 ? u : o }')
        seconds=${row% *} cpu_seconds=${row#* }
    done
    awk -v n="$1" -v s="$seconds" -v u="$cpu_seconds" -v b="$bytes" 'BEGIN {
        printf "%-44s %7.2f s wall %7.2f s CPU %8.2f GB/s %8.2f GB/s of CPU\n", n, s, u, s ? b / s / 1e9 : 0, u ? b / u / 1e9 : 0 }'
}
# ratio NAME WALL CPU WALL_OF_HUNT CPU_OF_HUNT
ratio() { awk -v n="$1" -v w="$2" -v u="$3" -v hw="$4" -v hu="$5" 'BEGIN { printf "%-44s %7.2f by wall %6.2f by CPU\n", n, hw ? w / hw : 0, hu ? u / hu : 0 }'; }

peak() {
    sed -n 's/.*"peak_memory_bytes": *\([0-9]*\).*/\1/p' "$1" | head -n 1 |
        awk '{ printf "peak memory of the hunt %37.1f MiB %s\n", $1 / 1048576, $1 < 268435456 ? "(under 256)" : "(OVER 256)"; exit !($1 < 268435456) }'
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
    hunt=$seconds hunt_cpu=$cpu_seconds
    if command -v unzip >/dev/null 2>&1 && command -v rg >/dev/null 2>&1; then
        best "unzip -p >/dev/null" run_unzip
        best "unzip -p | rg -c -i -F, 12 literals" run_unzip_rg
        ratio "hunt against unzip -p | rg" "$seconds" "$cpu_seconds" "$hunt" "$hunt_cpu"
    else
        echo "unzip or rg is not installed: no comparison with them"
    fi
    peak "$work/zip.json"
}
if [ "$zip" = only ]; then
    logs "${RARE:-0.1}"
    zip_case
    exit
fi

compare() {
    logs "$2"
    echo
    echo "$1 hits: $2 rows in a thousand; $count files, $bytes bytes, best of $runs"
    "$build/scanbench" "$evidence" --learnt "$learnt" --patterns >"$work/patterns"
    best "cat >/dev/null" run_cat
    best "wc -l" run_wc
    best "afterpatch hunt, 1 thread" run_hunt
    hunt=$seconds hunt_cpu=$cpu_seconds
    peak "$work/report.json"
    best "afterpatch hunt, 2 threads" run_hunt_2
    hunt_2=$seconds
    best "afterpatch hunt --out, 1 thread" run_hunt_out
    out=$seconds out_cpu=$cpu_seconds
    if [ -n "$rules" ]; then
        best "afterpatch hunt --rules, 1 thread" run_hunt_rules
        with=$seconds with_cpu=$cpu_seconds
        peak "$work/report.json"
        best "afterpatch hunt --rules, 2 threads" run_hunt_rules_2
    fi
    if command -v rg >/dev/null 2>&1; then
        best "rg, the same $(wc -l <"$work/patterns") literals, 1 thread" run_rg
        rg=$seconds rg_cpu=$cpu_seconds
        best "rg, the same, all threads" run_rg_all
        best "rg, 12 literals, 1 thread" run_rg_terms
        ratio "hunt against rg, 1 thread each" "$rg" "$rg_cpu" "$hunt" "$hunt_cpu"
        ratio "  with 12 literals" "$seconds" "$cpu_seconds" "$hunt" "$hunt_cpu"
        ratio "  hunt on 2 threads, by wall alone" "$rg" 0 "$hunt_2" 0
        ratio "  with a manifest of all files (--out)" "$rg" "$rg_cpu" "$out" "$out_cpu"
        [ -z "$rules" ] || ratio "  with --rules" "$rg" "$rg_cpu" "$with" "$with_cpu"
    else
        echo "rg is not installed: no comparison with it"
    fi
    awk -v a="$hunt" -v b="$hunt_2" 'BEGIN { printf "%-44s %7.2f\n", "2 threads against 1, by wall", b ? a / b : 0 }'
    echo "the stage that searches the logs, whole pack and $learnt learnt pages:"
    "$build/scanbench" "$evidence" --learnt "$learnt" --runs "$runs"
    if [ -n "$rules" ]; then
        echo "... and with --rules:"
        "$build/scanbench" "$evidence" --learnt "$learnt" --runs "$runs" --rules "$rules"
    fi
}
# A sparse image of IMAGE_GB (20) with IMAGE_MB (1500) of a server's logs, its event logs (IMAGE_EVTX times), registry, configuration and what else a disk has, hunted in one
# go beside the same files in a folder. IMAGE=0: left out.
image_case() {
    made=$build/bench/mixed
    if [ ! -f "$made/disk.raw" ]; then
        rm -rf "$made" && mkdir -p "$made"
        "$build/lab" make shell-used "$made/s" --seed 7 --megabytes "${IMAGE_MB:-1500}" >/dev/null
        for more in events-quiet ways-registry-benign ways-files-benign; do
            "$build/lab" make "$more" "$made/m" --seed 7 >/dev/null
            cp -rn "$made/m/evidence/C/." "$made/s/evidence/C/"
            rm -rf "$made/m"
        done
        channels=$made/s/evidence/C/Windows/System32/winevt/Logs
        for i in $(seq 1 "${IMAGE_EVTX:-40}"); do cp "$channels/Security.evtx" "$channels/Archive-Security-2021-03-$(printf %02d "$i").evtx"; done
        "$build/lab" image "$made/s/evidence/C" "$made/disk.raw" --journal --gigabytes "${IMAGE_GB:-20}"
    fi
    echo
    echo "a disk image of $(stat -c %s "$made/disk.raw") bytes, $(du -k "$made/disk.raw" | cut -f1) KiB of them on the disk; its list of files by itself, then hunts"
    image_time() {
        from=$(date +%s.%N)
        "$@" >/dev/null 2>&1 || true
        awk -v a="$from" -v b="$(date +%s.%N)" -v n="$name" 'BEGIN { printf "%-44s %7.2f s\n", n, b - a }'
    }
    name="files listed and hashed (imgls)" && image_time "$build/imgls" "$made/disk.raw"
    name="afterpatch hunt, image" && image_time "$build/afterpatch" hunt --quiet --out "$work/image" "$made/disk.raw" && peak "$work/image/report.json"
    echo "by stage:"
    rm -rf "$work/image" && { python3 "$(dirname "$0")/stages.py" "$build/afterpatch" hunt --out "$work/image" "$made/disk.raw" || true; } | grep -E '^  [a-z ]+ +[0-9.]+ s$'
    name="afterpatch hunt, the same files in a folder" && image_time "$build/afterpatch" hunt --quiet --out "$work/folder" "$made/s/evidence" && peak "$work/folder/report.json"
    for f in image folder; do sed -n '/^  "back_doors"/,/^  "ways_back"/s/.*"path": //p' "$work/$f/report.json" >"$work/$f.doors"; done
    cmp -s "$work/image.doors" "$work/folder.doors" && [ -s "$work/image.doors" ] && echo "the same back doors in both"
}
[ "${IMAGE:-1}" = 0 ] || image_case
compare rare "${RARE:-0.1}"
[ "$zip" = 0 ] || zip_case
compare common "${COMMON:-50}"
