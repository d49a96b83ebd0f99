#!/bin/sh
# One scenario, end to end: the lab makes it twice (equal bytes), the hunt reads it, the lab compares the report with the truth,
# the schema accepts it, no script text is in any output, and a second run says the same. usage: run.sh AFTERPATCH LAB SCENARIO [REPORT_TRY].
# With report_try casework takes the report as sound. Without the hunt's program ("-"): only the first half.
set -u

hunt=$1
lab=$2
scenario=$3
root=$(cd "$(dirname "$0")/../.." && pwd)
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
    /usr/bin/python3 "$root/tests/schema/validate.py" "$root/docs/report.schema.json" "$work/out/report.json" >"$work/schema" 2>&1 ||
        { cat "$work/schema"; bad=1; }
    /usr/bin/python3 "$root/tests/schema/stix.py" "$work/out" >"$work/forms" 2>&1 || { cat "$work/forms"; bad=1; }
    if [ -n "${4:-}" ]; then
        "$4" "$work/out/report.json" >"$work/taken" 2>&1 || { cat "$work/taken"; bad=1; }
        grep -q ': refused: ' "$work/taken" && { cat "$work/taken"; bad=1; }
    fi
    # Nothing in any output holds the body of a back door.
    if grep -lqiE 'runat *= *.?server|page_load|"unsafe"' "$work"/out/*; then
        echo "$scenario: script text in an output"
        bad=1
    fi
    # Another run, with another number of threads, says the same but for the run itself.
    "$hunt" hunt --quiet --jobs 3 --out "$work/again" "$work/a/evidence" >/dev/null 2>&1
    for f in report.json report.html timeline.csv manifest.csv stix.json misp.json ecs.ndjson l2t.csv; do
        sed '/"run": {/,/^  }/d; /<dt>Run<\/dt>/d' "$work/out/$f" >"$work/one"
        sed '/"run": {/,/^  }/d; /<dt>Run<\/dt>/d' "$work/again/$f" >"$work/two"
        cmp -s "$work/one" "$work/two" || { echo "$scenario: two runs differ in $f"; diff "$work/one" "$work/two" | head -5; bad=1; }
    done
else
    echo "$scenario: no report.json"
    bad=1
fi
exit $bad
