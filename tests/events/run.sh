#!/bin/sh
# The front door to event logs, with its worker: run.sh AFTERPATCH LAB
#
# What is printed of a log, written as a log again (lab evtx), prints the same; the number of threads changes nothing; who stops reading ends the work.
set -eu
program=$1 lab=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$work"
"$lab" make events-quiet made >/dev/null
n=0
for log in made/evidence/C/Windows/System32/winevt/Logs/*.evtx; do
    cp "$log" log.evtx
    "$program" events log.evtx >first.jsonl 2>first.err
    "$lab" evtx first.jsonl log.evtx
    "$program" events --jobs 3 log.evtx >second.jsonl 2>second.err
    cmp first.jsonl second.jsonl
    cmp first.err second.err
    n=$((n + $(wc -l <first.jsonl)))
done
[ "$n" -gt 1000 ] || { echo "only $n records"; exit 1; }
for i in 1 2 3 4 5 6 7 8; do cat log.evtx; done >many.evtx
"$program" events --jobs 1 many.evtx many.evtx >one.jsonl 2>one.err
"$program" events --jobs 3 many.evtx many.evtx >three.jsonl 2>three.err
cmp one.jsonl three.jsonl
cmp one.err three.err
"$program" events many.evtx many.evtx many.evtx 2>/dev/null | head -n 1 >line
[ "$(wc -l <line)" -eq 1 ]
# Templates that hold themselves, chunk after chunk: each ends at a limit that has a name, and the log behind them is read.
for i in 1 2 3 4; do dd if="$root/tests/corpus/evtx/cycle" bs=65536 conv=sync 2>/dev/null; done >hostile.evtx
tail -c +4097 log.evtx >>hostile.evtx
"$program" events hostile.evtx >hostile.jsonl 2>hostile.err
grep -q '"damaged": "\(fragments nested too deep\|too much work for one chunk\)"' hostile.jsonl
tail -n 1 hostile.jsonl | grep -qv '"damaged"'
