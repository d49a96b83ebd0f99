#!/bin/sh
# The forms for other tools, of every scenario of the lab and every mood of the report fixture, against the published schemas. make oracle SCHEMAS=DIR
set -eu
build=${1:?"usage: schemas.sh BUILD SCHEMAS"} schemas=${2:?"usage: schemas.sh BUILD SCHEMAS"}
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Rules and indicators of somebody's own, so that what they say is in the forms as well.
mkdir "$work/rules"
cat >"$work/rules/own.yml" <<'RULE'
title: Somebody asks for a page
author: Somebody, "of" the Example CERT
references: ['https://example.test/a?b=1,2']
logsource: {category: webserver}
detection: {s: {cs-uri-stem|contains: '.aspx'}, condition: s}
level: high
RULE
printf 'type,value,weight\nip-dst,198.51.100.0/24,supports\nuser-agent,ExampleAgent/1.0,context\n' >"$work/own.csv"

set --
for scenario in $("$build/lab" list | cut -d' ' -f1); do
    "$build/lab" make "$scenario" "$work/lab" --seed 7 >/dev/null
    "$build/afterpatch" hunt --quiet --rules "$work/rules" --iocs "$work/own.csv" --out "$work/$scenario" "$work/lab/evidence" >/dev/null 2>&1 || true
    rm -rf "$work/lab"
    set -- "$@" "$work/$scenario"
done
for mood in full hostile clean missing empty huge; do
    mkdir "$work/$mood"
    "$build/report_sample" "$mood" "$work/$mood"
    set -- "$@" "$work/$mood"
done
/usr/bin/python3 -B "$here/schemas.py" "$schemas" "$@"
