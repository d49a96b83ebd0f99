#!/bin/sh
# Does `lab check` see what differs? A truth, a report that fits it, and the same report with one thing wrong at a time.
# usage: check.sh LAB
set -u

lab=$1
work=$(mktemp -d "${TMPDIR:-/tmp}/afterpatch-check.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT INT TERM
bad=0

cat >"$work/truth.json" <<'END'
{"scenario": "check", "exit_code": 7, "verdict": "back_door_used", "door_open": {"state": "yes"}, "use": {"state": "used", "re_entered": true},
 "window": {"from": "2021-01-03T00:00:00Z", "patched": "2021-03-03T19:24:10Z"}, "intruders": 1, "intruder_clients": ["198.51.100.23"], "server": {"name": "EXCH01", "domain": "bakery.example"},
 "back_doors": [{"path": "C:\\inetpub\\a.aspx", "state": "present", "use": {"state": "used", "requests": 3, "clients": ["198.51.100.23", "203.0.113.90"]}}],
 "must_not": ["203.0.113.90", "mara"], "other_servers": ["exch02.bakery.example"], "ways_back": []}
END
cat >"$work/good.json" <<'END'
{"server": {"name": "EXCH01", "domain": "bakery.example"}, "campaigns": [{"verdict": "back_door_used", "door_open": {"state": "yes"}, "use": {"state": "used", "re_entered": true},
  "window": {"from": "2021-01-03T00:00:00Z", "patched": "2021-03-03T19:14:00Z"}}],
 "intruders": [{"id": "I1", "clients": ["198.51.100.23"]}], "sessions": [{"succeeded": true, "clients": ["198.51.100.23"]}, {"succeeded": false, "clients": ["203.0.113.90"]}],
 "back_doors": [{"path": "c:\\inetpub\\A.aspx", "state": "present", "use": {"state": "used", "requests": 3, "clients": ["203.0.113.90", "198.51.100.23"]}}],
 "other_servers": [{"name": "EXCH02"}], "ways_back": []}
END

"$lab" check "$work/truth.json" "$work/good.json" || { echo "a report that fits was refused"; bad=1; }

# expect WHY SED-EXPRESSION
expect() {
    sed "$2" "$work/good.json" >"$work/bad.json"
    cmp -s "$work/good.json" "$work/bad.json" && { echo "$1: the case changes nothing"; bad=1; }
    if "$lab" check "$work/truth.json" "$work/bad.json" >"$work/said"; then
        echo "$1: not seen"
        bad=1
    fi
}
expect "another verdict"            's/"verdict": "back_door_used"/"verdict": "back_door"/'
expect "not re-entered"             's/"re_entered": true/"re_entered": false/'
expect "patched on another day"     's/2021-03-03T19:14/2021-03-02T19:14/'
expect "patch time unknown"         's/"patched": "[^"]*"/"patched": null/'
expect "an intruder's client more"  's/"id": "I1", "clients": \[/&"192.0.2.1", /'
expect "no intruder"                's/"intruders": \[.*\], "sessions"/"intruders": [], "sessions"/'
expect "a scanner as an intruder"   's/"succeeded": true, "clients": \[/&"203.0.113.90", /'
expect "an innocent name"           's/"ways_back": \[\]/"ways_back": [{"name": "task of Mara"}]/'
expect "a request less"             's/"requests": 3/"requests": 2/'
expect "a client missing"           's/"203.0.113.90", "198.51.100.23"/"203.0.113.90"/'
expect "another page"               's/A.aspx/B.aspx/'
expect "one page more"              's/"back_doors": \[/&{"path": "C:\\\\logon.aspx"}, /'
expect "no other server"            's/"name": "EXCH02"/"name": "EXCH03"/'
expect "another domain"             's/"domain": "bakery.example"/"domain": "meadow.example"/'
expect "another name"               's/EXCH01/EXCH11/'
expect "no campaign"                's/"campaigns"/"campaign"/'
exit $bad
