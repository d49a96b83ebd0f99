#!/bin/sh
# Golden cases: run.sh [--rewrite] PROGRAM [CASE...]
#
# A case is a folder beside this file: cmd (shell lines; `afterpatch` is the program), in/ (copied; cmd runs in the copy), and what
# must come out: out, err (missing: nothing), code (missing: 0). filter: a sed script over both outputs, for what may differ.
set -u

here=$(cd -- "$(dirname -- "$0")" && pwd)
rewrite=
if [ "${1:-}" = --rewrite ]; then
    rewrite=1
    shift
fi
if [ $# -lt 1 ] || [ ! -x "$1" ]; then
    echo "usage: run.sh [--rewrite] PROGRAM [CASE...]" >&2
    exit 2
fi
program=$(cd -- "$(dirname -- "$1")" && pwd)/$(basename -- "$1")
shift

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/bin"
ln -s "$program" "$tmp/bin/afterpatch"
unset COLUMNS LINES
export LC_ALL=C TZ=UTC NO_COLOR=1 TERM=dumb PATH="$tmp/bin:$PATH"

# keep FILE NAME: the case's file gets these bytes, or goes when there are none.
keep() {
    if [ -s "$1" ]; then cp "$1" "$2"; else rm -f "$2"; fi
}

cases=0 failed=0
for dir in "$here"/*/; do
    dir=${dir%/}
    name=${dir##*/}
    [ -e "$dir/cmd" ] || continue
    [ $# -eq 0 ] || case " $* " in *" $name "*) ;; *) continue ;; esac
    cases=$((cases + 1))

    rm -rf "$tmp/in" "$tmp/out" "$tmp/err" "$tmp/code"
    mkdir "$tmp/in"
    [ ! -d "$dir/in" ] || cp -R "$dir/in/." "$tmp/in/"
    (cd "$tmp/in" && sh "$dir/cmd" >"$tmp/out" 2>"$tmp/err" </dev/null)
    code=$?
    [ "$code" -eq 0 ] || echo "$code" >"$tmp/code"
    if [ -e "$dir/filter" ]; then
        for f in out err; do
            sed -E -f "$dir/filter" "$tmp/$f" >"$tmp/filtered" && mv "$tmp/filtered" "$tmp/$f"
        done
    fi

    bad=
    for f in out err code; do
        [ -e "$tmp/$f" ] || : >"$tmp/$f"
        if [ -n "$rewrite" ]; then
            keep "$tmp/$f" "$dir/$f"
            continue
        fi
        want=$dir/$f
        [ -e "$want" ] || want=/dev/null
        diff -u "$want" "$tmp/$f" >"$tmp/diff" || {
            [ -n "$bad" ] || echo "golden: $name differs (- expected, + got):"
            bad=1
            sed 's/^/  /' "$tmp/diff"
        }
    done
    [ -z "$bad" ] || failed=$((failed + 1))
done

if [ "$cases" -eq 0 ]; then
    echo "golden: no case found" >&2
    exit 1
fi
if [ -n "$rewrite" ]; then
    echo "golden: $cases cases written; read the diff"
    exit 0
fi
echo "golden: $((cases - failed)) of $cases cases as expected"
[ "$failed" -eq 0 ]
