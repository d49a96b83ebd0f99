#!/bin/sh
# A baseline, end to end: made from a clean server of the lab, then hunted with. usage: run.sh AFTERPATCH LAB
set -u

afterpatch=$1
lab=$2
work=$(mktemp -d "${TMPDIR:-/tmp}/afterpatch-baseline.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT INT TERM
install="C/Program Files/Microsoft/Exchange Server/V15"
bad=0

fail() {
    echo "baseline: $*"
    bad=1
}

# hunt NAME BASELINE: findings of the comparison, one a line: detector, severity, axis, path.
hunt() {
    "$afterpatch" hunt --quiet --baseline "$2" --out "$work/report-$1" "$work/$1/evidence" >/dev/null 2>"$work/stderr" || :
    /usr/bin/python3 - "$work/report-$1/report.json" >"$work/said" <<'END' || fail "$1: no report: $(cat "$work/stderr")"
import json, sys
r = json.load(open(sys.argv[1]))
for f in sorted(r["findings"], key=lambda f: (f["detector"], f["evidence"][0]["path"])):
    if f["detector"].startswith(("files/baseline", "files/changed", "files/extra")):
        path = f["evidence"][0]["path"] if f["detector"] not in ("files/baseline", "files/baseline-missing") else f["title"]
        print(f["detector"], f["severity"], f["axis"], path.split("\\V15\\")[-1])
assert any(p["id"].startswith("exchange-15.1.2106.") for p in r["tool"]["packs"]), r["tool"]
print("back doors", len(r["back_doors"]), "verdict", r["campaigns"][0]["verdict"])
END
}

# says NAME: what hunt found is what stands on stdin.
says() {
    cat >"$work/want"
    cmp -s "$work/want" "$work/said" || { fail "$1:"; diff "$work/want" "$work/said"; }
}

# as NAME: a copy of the clean server, to be spoilt.
as() { cp -R "$work/clean" "$work/$1"; }

# ---- made ----

"$lab" make untouched "$work/clean" --seed 7 || exit 1
"$afterpatch" baseline --out "$work/base" --date 2021-03-05 "$work/clean/evidence" >"$work/stdout" || fail "no baseline from a clean server"
"$afterpatch" baseline --out "$work/again" --date 2021-03-05 --jobs 1 "$work/clean/evidence" >/dev/null || fail "not again"
diff -r "$work/base" "$work/again" >/dev/null || fail "two baselines of one tree differ"
"$afterpatch" pack check "$work/base" | grep -q 'no problem found' || fail "pack check refuses it"
grep -q "^build: '15.1.2106.13'" "$work/base/pack.yaml" || fail "the build is not told"
"$afterpatch" baseline --out "$work/deep" "$work/clean/evidence/$install" >/dev/null || fail "no baseline from the install folder itself"
cmp -s "$work/base/clean/install.csv" "$work/deep/clean/install.csv" || fail "the install folder gives another list than its drive"

"$afterpatch" hunt --quiet --pack "$work/base" "$work/clean/evidence" 2>"$work/stderr" && fail "taken for a campaign"
grep -q -- '--baseline' "$work/stderr" || fail "no hint at --baseline"

# Not from a server that somebody came into.
"$lab" make shell-used "$work/victim" --seed 7 || exit 1
"$afterpatch" baseline --out "$work/none" "$work/victim/evidence" >/dev/null 2>"$work/stderr"
[ $? -eq 1 ] || fail "a victim's server is taken for a clean one"
[ -e "$work/none" ] && fail "something was written all the same"
grep -q 'larder.aspx' "$work/stderr" || fail "the page is not named"

# ---- hunted with ----

hunt clean "$work/base"
says "a clean server" <<'END'
files/baseline info None Compared 40 files of build 15.1.2106.13 with known-good ones: 0 unknown, 0 changed
back doors 0 verdict no_trace
END

as extra
printf '<%%@ Page Language="C#" %%>\n<%% Response.Write(1); %%>\n' >"$work/extra/evidence/$install/ClientAccess/ecp/help.aspx"
printf '<%%@ Page Language="C#" %%>\n<%% Response.Write(1); %%>\n' >"$work/extra/evidence/$install/FrontEnd/HttpProxy/owa/auth/help.aspx"
hunt extra "$work/base"
says "an extra page" <<'END'
files/baseline info None Compared 42 files of build 15.1.2106.13 with known-good ones: 2 unknown, 0 changed
files/baseline-extra high None ClientAccess\ecp\help.aspx
files/extra-page high None FrontEnd\HttpProxy\owa\auth\help.aspx
back doors 0 verdict no_trace
END

as changed
echo '<!-- x -->' >>"$work/changed/evidence/$install/FrontEnd/HttpProxy/owa/auth/logon.aspx"
echo '<!-- x -->' >>"$work/changed/evidence/$install/ClientAccess/ecp/web.config"
rm "$work/changed/evidence/$install/FrontEnd/HttpProxy/owa/auth/signout.aspx"
hunt changed "$work/base"
says "a changed page, an edited configuration, a missing page" <<'END'
files/baseline info None Compared 39 files of build 15.1.2106.13 with known-good ones: 0 unknown, 2 changed
files/baseline-changed high None FrontEnd\HttpProxy\owa\auth\logon.aspx
files/baseline-config low None ClientAccess\ecp\web.config
files/baseline-missing info None 1 page of this build is not there
back doors 0 verdict no_trace
END

# Another build: nothing is accused by its content; the campaign's own list says what it says without a baseline.
"$lab" make open-door "$work/other" --seed 7 || exit 1
echo '<!-- x -->' >>"$work/other/evidence/$install/ClientAccess/ecp/web.config"
echo '<!-- x -->' >>"$work/other/evidence/$install/FrontEnd/HttpProxy/owa/auth/logon.aspx"
hunt other "$work/base"
says "another security update" <<'END'
files/baseline info None Compared 40 files of build 15.1.2106.2 with known-good ones of another build: 0 unknown, 2 different
files/changed-page low None FrontEnd\HttpProxy\owa\auth\logon.aspx
back doors 0 verdict no_trace
END

# With a baseline of each, the right one is taken: from a folder of several, or by a list.
"$lab" make open-door "$work/open" --seed 7 || exit 1
mkdir "$work/packs"
cp -R "$work/base" "$work/packs/b"
"$afterpatch" baseline --out "$work/packs/a" "$work/open/evidence" >/dev/null || fail "no baseline of the other build"
for list in "$work/packs" "$work/packs/a,$work/packs/b"; do
    hunt other "$list"
    says "baselines of both builds" <<'END'
files/baseline info None Compared 40 files of build 15.1.2106.2 with known-good ones: 0 unknown, 2 changed
files/baseline-changed high None FrontEnd\HttpProxy\owa\auth\logon.aspx
files/baseline-config low None ClientAccess\ecp\web.config
back doors 0 verdict no_trace
END
done

# A victim is a victim with or without a baseline.
"$afterpatch" hunt --quiet --baseline "$work/base" --out "$work/report" "$work/victim/evidence" >/dev/null 2>&1
"$lab" check "$work/victim/truth.json" "$work/report/report.json" || fail "the baseline changed a verdict"

# A folder that is none.
"$afterpatch" hunt --quiet --baseline "$work/clean" "$work/clean/evidence" 2>"$work/stderr"
[ $? -eq 1 ] || fail "a folder without a baseline is taken for one"

exit $bad
