#!/bin/sh
# forms.sh SAMPLE SOURCE_DIR WORK_DIR: the forms for other tools, in every mood of the fixture, keep their standards; broken ones are refused.
set -eu
sample=$1 source=$2 work=$3
rm -rf "$work"
set --
for kind in full hostile clean missing empty huge; do
    mkdir -p "$work/$kind"
    "$sample" "$kind" "$work/$kind"
    set -- "$@" "$work/$kind"
done
exec /usr/bin/python3 "$source/tests/schema/stix.py" --self "$@"
