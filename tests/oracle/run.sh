#!/bin/sh
# Third-party samples that may not be committed, against what this program makes of them. make oracle SAMPLES=DIR
#
#   DIR/plaso/*.log                     IIS logs of plaso's test data: every row is read, none is called damaged
#   DIR/exchange/*.LOG                  real Exchange logs: columns counted, rows read ("74 columns" for build 15.1.2375)
#   DIR/collections/*.zip               real collections (Velociraptor's own test data): recognised, complete, encrypted ones named
#   DIR/2021-march-exchange/README.md   a published victim's log lines: each gives the stage that the write-up states
#   DIR/ntfs/**/*.{raw,img,dd,001,E01}  images with NTFS: files, streams, sizes and bytes equal those of the Sleuth Kit (fls, icat)
#   DIR/hives/**                        registry hives of any origin, with their logs: keys and values equal those of libregf and hivex, each difference is of a known class
#   DIR/evtx/**/*.evtx                  event logs of any origin: records and values equal those of libevtx (evtxexport), each difference is of a known class
#   DIR/evtx-attack/**, DIR/evtx-benign/**  event logs whose folder and name state a technique, and of machines where nobody came in: what the packs' rules say
#   DIR/otrf/*.json                     a recorded attack as lines of JSON (OTRF's proxylogon_ssrf_rce_poc): each of its stages gives a finding
#
# The lab's own event logs are compared with the same readers. A part that is missing is named and skipped; with no part at all the run fails.
set -eu
program=${BUILD:-build}/afterpatch records=${BUILD:-build}/records lab=${BUILD:-build}/lab samples=${1:?"usage: run.sh SAMPLES"}
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ran=0 failed=0

say() { printf '%-9s %s\n' "$1" "$2"; [ "$1" != FAILED ] || failed=$((failed + 1)); }

if [ -d "$samples/plaso" ]; then
    for f in "$samples"/plaso/*.log; do
        ran=$((ran + 1))
        want=$(grep -ac '^[0-9]' "$f" || true)
        got=$("$records" --count "$f" | sed -n 's/^rows=\([0-9]*\) .*/\1/p')
        if [ "$want" = "$got" ]; then say ok "$(basename "$f"): $got rows"; else say FAILED "$(basename "$f"): $got of $want rows"; fi
    done
else
    say skipped "plaso: no folder $samples/plaso"
fi

if [ -d "$samples/ntfs" ] && command -v fls >/dev/null 2>&1; then
    ran=$((ran + 1))
    if /usr/bin/python3 "$here/ntfs.py" "${BUILD:-build}/imgls" "$samples/ntfs"; then say ok "ntfs"; else say FAILED "ntfs"; fi
else
    say skipped "ntfs: no folder $samples/ntfs, or no fls"
fi

if [ -d "$samples/otrf" ]; then
    ran=$((ran + 1))
    if /usr/bin/python3 -B "$here/otrf.py" "$program" "$lab" "$samples/otrf" "$work/otrf"; then say ok "otrf"; else say FAILED "otrf"; fi
else
    say skipped "otrf: no folder $samples/otrf"
fi

if [ -d "$samples/exchange" ]; then
    for f in "$samples"/exchange/*; do
        ran=$((ran + 1))
        want=$(grep -ac '^[0-9]' "$f" || true)
        columns=$(sed -n 's/^#Fields: *//p' "$f" | head -n 1 | tr -d '\r' | awk -F, '{ print NF }')
        got=$("$records" --count "$f")
        case $got in
        "rows=$want columns=$columns damaged=0"*) say ok "$(basename "$f"): $got" ;;
        *) say FAILED "$(basename "$f"): $got, wanted rows=$want columns=$columns damaged=0" ;;
        esac
    done
else
    say skipped "exchange: no folder $samples/exchange"
fi

if [ -d "$samples/collections" ]; then
    ran=$((ran + 1))
    if /usr/bin/python3 "$here/collected.py" "$program" "$samples/collections" "$work"; then
        say ok "collections"
    else
        say FAILED "collections"
    fi
else
    say skipped "collections: no folder $samples/collections"
fi

if [ -f "$samples/2021-march-exchange/README.md" ]; then
    ran=$((ran + 1))
    if /usr/bin/python3 "$here/writeup.py" "$program" "$samples/2021-march-exchange/README.md" "$work"; then
        say ok "2021-march-exchange: stages as published"
    else
        say FAILED "2021-march-exchange"
    fi
else
    say skipped "2021-march-exchange: no $samples/2021-march-exchange/README.md"
fi

if [ -d "$samples/evtx" ] && command -v evtxexport >/dev/null; then
    ran=$((ran + 1))
    if /usr/bin/python3 "$here/evtx.py" "$program" "$samples/evtx"; then say ok "evtx"; else say FAILED "evtx"; fi
else
    say skipped "evtx: no folder $samples/evtx, or no evtxexport"
fi

if [ -x "$lab" ] && command -v evtxexport >/dev/null; then
    ran=$((ran + 1))
    if /usr/bin/python3 -B "$here/evtx_lab.py" "$program" "$lab" "$work"; then say ok "evtx: the lab's own"; else say FAILED "evtx: the lab's own"; fi
else
    say skipped "evtx: no lab, or no evtxexport"
fi

if [ -d "$samples/evtx-attack" ]; then
    ran=$((ran + 1))
    benign=
    [ ! -d "$samples/evtx-benign" ] || benign=$samples/evtx-benign
    if /usr/bin/python3 -B "$here/evtx_rules.py" "$program" "$samples/evtx-attack" ${benign:+"$benign"}; then say ok "evtx: rules"; else say FAILED "evtx: rules"; fi
else
    say skipped "evtx: no folder $samples/evtx-attack"
fi

if [ -d "$samples/hives" ] && /usr/bin/python3 -c 'import pyregf, hivex' 2>/dev/null; then
    ran=$((ran + 1))
    if /usr/bin/python3 "$here/hive.py" "$program" "$samples/hives"; then say ok "hives"; else say FAILED "hives"; fi
else
    say skipped "hives: no folder $samples/hives, or no python3-libregf and python3-hivex"
fi

[ "$ran" -gt 0 ] || { echo "no sample found below $samples" >&2; exit 1; }
printf '%d passed, %d failed\n' $((ran - failed)) "$failed"
[ "$failed" -eq 0 ]
