#!/bin/sh
# report.sh SAMPLE SOURCE_DIR WORK_DIR: every mood of the fixture keeps the contract, and broken reports are refused.
set -eu
sample=$1 source=$2 work=$3
rm -rf "$work"
set --
for kind in full hostile clean missing empty huge; do
    mkdir -p "$work/$kind"
    "$sample" "$kind" "$work/$kind"
    set -- "$@" "$work/$kind/report.json"
done
mkdir -p "$work/summary" "$work/summary-hostile"
"$sample" summary "$work/summary"
"$sample" summary-hostile "$work/summary-hostile"
/usr/bin/python3 "$source/tests/schema/summary.py" "$source/docs/summary.schema.json" --self "$work/summary/summary.json" "$work/summary-hostile/summary.json"
exec /usr/bin/python3 "$source/tests/schema/validate.py" "$source/docs/report.schema.json" --self "$@"
