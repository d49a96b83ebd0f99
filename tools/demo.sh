#!/bin/sh
# The demo: makes a victim server (a bakery, entered in March 2021), hunts it, and checks the verdict against what the maker knows.
set -eu
build=${BUILD:-build}
dir=$build/demo

rm -rf "$dir"
"$build/lab" make bakery "$dir"
evidence=$dir/evidence
echo
echo "\$ afterpatch hunt --out $dir/report $evidence"
code=0
"$build/afterpatch" hunt --out "$dir/report" --organisation "The bakery" "$evidence" || code=$?
case $code in
0 | 3 | 4 | 5 | 6 | 7) ;;
*)
    echo "demo: the hunt failed with exit code $code" >&2
    exit 1
    ;;
esac
echo
echo "The whole report: $dir/report/report.html (open it in a browser), and $dir/report/report.json for programs."
"$build/lab" check "$dir/truth.json" "$dir/report/report.json"
echo "The verdict agrees with what the maker of the evidence knows ($dir/truth.json)."
