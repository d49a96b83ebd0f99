#!/bin/sh
# One scenario, end to end: the lab makes it twice (equal bytes), the hunt reads it, and the lab compares the report with
# the truth. usage: run.sh AFTERPATCH LAB SCENARIO. Without the hunt's program ("-"): only the first half.
set -u

hunt=$1
lab=$2
scenario=$3
work=$(mktemp -d "${TMPDIR:-/tmp}/afterpatch-lab.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT INT TERM

fail() {
    echo "$scenario: $*"
    exit 1
}

"$lab" make "$scenario" "$work/a" --seed 7 || fail "the lab cannot make it"
"$lab" make "$scenario" "$work/b" --seed 7 || fail "the lab cannot make it again"
diff -r "$work/a" "$work/b" >/dev/null || fail "the same seed gave other evidence"
rm -rf "$work/b"
[ "$hunt" = - ] && exit 0

want=$(sed -n 's/^ *"exit_code": *\([0-9]*\).*/\1/p' "$work/a/truth.json")
"$hunt" hunt --quiet --out "$work/out" "$work/a/evidence" >"$work/stdout" 2>"$work/stderr"
got=$?
bad=0
if [ "$got" -ne "$want" ]; then
    echo "$scenario: exit code $got, the truth says $want"
    sed 's/^/    /' "$work/stderr" | head -20
    bad=1
fi
if [ -f "$work/out/report.json" ]; then
    "$lab" check "$work/a/truth.json" "$work/out/report.json" || bad=1
else
    echo "$scenario: no report.json"
    bad=1
fi
exit $bad
