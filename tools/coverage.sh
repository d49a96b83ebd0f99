#!/bin/sh
# Which lines no test reaches: coverage.sh BUILD. Prints a share per file; the lines themselves go to BUILD/missed.txt.
set -eu
root=$(cd -- "$(dirname -- "$0")/.." && pwd)
build=$(cd -- "$1" && pwd)
rm -rf "$build/gcov"
mkdir "$build/gcov"
cd "$build/gcov"
find "$build/CMakeFiles/ap.dir" -name '*.gcda' -exec gcov -p -s "$root" -r {} + >gcov.log 2>&1

# A .gcov line reads "count:line:text"; ##### is a line that never ran.
awk -F: '
    FNR == 1 { file = "" }
    $2 + 0 == 0 { if ($3 == "Source") { file = $4; sub(/^.*src\//, "src/", file) } next }
    { count = $1; gsub(/[ *]/, "", count) }
    count == "-" { next }
    { all[file]++ }
    count ~ /^[#=]/ { missed[file]++; text = $0; sub(/^[^:]*:[^:]*:/, "", text); print file ":" $2 + 0 ":" text > "../missed.txt" }
    END { for (f in all) printf "%6.1f %%  %5d of %5d  %s\n", 100 * (all[f] - missed[f]) / all[f], all[f] - missed[f], all[f], f
          for (f in all) { a += all[f]; m += missed[f] }
          if (a) printf "%6.1f %%  %5d of %5d  all\n", 100 * (a - m) / a, a - m, a }' ./*.gcov | sort -n
echo "Lines that no test reaches: $build/missed.txt"
