#!/bin/sh
# A published collection of rules, unchanged, against what this program makes of it. make oracle RULES=DIR
#
# Sigma: every rule of category webserver or proxy below DIR must work, but those that lie in a folder called unsupported; each other rule must have its
# reason; and each fires on rows that are written for it, and on no others (sigma_fire.py). So do rules for event logs, on records that the lab writes
# (sigma_events.py).
# YARA: what is taken here hits what the `yara` program hits (../yara/compare.py).
# What DIR does not hold is named and left out.
set -eu
program=${1:?"usage: rules.sh PROGRAM DIR HITS"} dir=${2:?"usage: rules.sh PROGRAM DIR HITS"} hits=${3:?"usage: rules.sh PROGRAM DIR HITS"}
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$program" rules check "$dir" >"$work/list" 2>"$work/err" || true
[ -s "$work/list" ] || { cat "$work/err" >&2; exit 1; }
if grep -E '^(refused|elsewhere) ' "$work/list" | grep -vE '^[a-z]+ +[^:]+: .'; then
    echo "FAILED    a rule is refused without a reason"
    exit 1
fi
ran=0 bad=0

grep '^works ' "$work/list" | sed 's/^works *//; s/: .*//' | sort -u >"$work/works"
(cd "$dir" && grep -rlE --include='*.yml' --include='*.yaml' '^ *category: *(webserver|proxy) *$' . | xargs -r -d '\n' grep -l '^detection:' | sed 's,^\./,,' | grep -v '^unsupported/' | sort) >"$work/want" || true
if [ -s "$work/want" ]; then
    ran=1
    comm -23 "$work/want" "$work/works" >"$work/missing"
    while read -r file; do
        echo "FAILED    $file: $(grep -F " $file: " "$work/list" | head -n 1)"
    done <"$work/missing"
    echo "rules     $(wc -l <"$work/want") web and proxy rules wanted, $(wc -l <"$work/missing") of them do not work; $(tail -n 1 "$work/list")"
    [ ! -s "$work/missing" ] || bad=1
    /usr/bin/python3 -B "$here/sigma_fire.py" "$program" "$dir" "$work/fire" || bad=1
else
    echo "skipped   no Sigma rule of category webserver or proxy below $dir"
fi
if [ -n "$(grep -rlE --include='*.yml' '^ *product: *windows *$' "$dir" | head -n 1)" ]; then
    ran=1
    /usr/bin/python3 -B "$here/sigma_events.py" "$program" "$(dirname "$program")/lab" "$(dirname "$program")/evtbench" "$dir" "$work/events" || bad=1
else
    echo "skipped   no Sigma rule of product windows below $dir"
fi
if [ -n "$(find "$dir" -name '*.yar' -o -name '*.yara' | head -n 1)" ]; then
    ran=1 code=0
    /usr/bin/python3 -B "$here/../yara/compare.py" "$hits" "$work/yara" "$dir" || code=$?
    [ "$code" -eq 0 ] || [ "$code" -eq 77 ] || bad=1
else
    echo "skipped   no YARA rule below $dir"
fi
[ "$ran" -eq 1 ] && [ "$bad" -eq 0 ]
