#!/bin/sh
# A published collection of Sigma rules, unchanged, against what this program makes of it. make oracle RULES=DIR
#
# Every rule of category webserver or proxy below DIR must work, but those that lie in a folder called unsupported; each other rule must have its reason.
set -eu
program=${1:?"usage: rules.sh PROGRAM DIR"} dir=${2:?"usage: rules.sh PROGRAM DIR"}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$program" rules check "$dir" >"$work/list" 2>"$work/err" || true
[ -s "$work/list" ] || { cat "$work/err" >&2; exit 1; }
grep '^works ' "$work/list" | sed 's/^works *//; s/: .*//' | sort -u >"$work/works"
(cd "$dir" && grep -rlE --include='*.yml' --include='*.yaml' '^ *category: *(webserver|proxy) *$' . | xargs -r -d '\n' grep -l '^detection:' | sed 's,^\./,,' | grep -v '^unsupported/' | sort) >"$work/want" || true
comm -23 "$work/want" "$work/works" >"$work/missing"
while read -r file; do
    echo "FAILED    $file: $(grep -F " $file: " "$work/list" | head -n 1)"
done <"$work/missing"
if grep -E '^(refused|elsewhere) ' "$work/list" | grep -vE '^[a-z]+ +[^:]+: .'; then
    echo "FAILED    a rule is refused without a reason"
    exit 1
fi
echo "rules     $(wc -l <"$work/want") web and proxy rules wanted, $(wc -l <"$work/missing") of them do not work; $(tail -n 1 "$work/list")"
[ ! -s "$work/missing" ] && [ -s "$work/want" ]
