#!/bin/sh
# Disk images end to end: the verdict of an image is that of its files, in every form that a tool on this machine can write; a back door that was deleted is found, dated,
# and called gone; times that were set back are told and accuse nobody by themselves; what is hostile is told by name, and the hunt goes on.
# usage: image.sh AFTERPATCH LAB IMGLS
set -u

hunt=$1 lab=$2 imgls=$3
work=$(mktemp -d "${TMPDIR:-/tmp}/afterpatch-image.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT INT TERM
bad=0
fail() { echo "image: $*"; bad=1; }
page=inetpub/wwwroot/aspnet_client/larder.aspx

# look IMAGE NAME: hunts it, and compares with the truth.
look() {
    "$hunt" hunt --quiet --out "$work/$2" "$1" >"$work/stdout" 2>"$work/stderr"
    if [ ! -f "$work/$2/report.json" ]; then
        fail "$2: no report"
        sed 's/^/    /' "$work/stderr" | head -10
        return 1
    fi
}
same() {
    look "$1" "$2" && { "$lab" check "$work/s/truth.json" "$work/$2/report.json" || fail "$2: another verdict than that of the files"; }
}
# says NAME PATTERN WHY: in the report.
flat() { /usr/bin/python3 -c 'import json, sys; print(json.dumps(json.load(open(sys.argv[1]))))' "$work/$1/report.json"; }
says() { flat "$1" | grep -qE "$2" || fail "$1: $3"; }
not_says() { ! flat "$1" | grep -qE "$2" || fail "$1: $3"; }

"$lab" make shell-used "$work/s" --seed 7 || exit 1
drive=$work/s/evidence/C
"$lab" image "$drive" "$work/disk.raw" --journal || exit 1
"$lab" image "$drive" "$work/volume.raw" --volume || exit 1
same "$work/disk.raw" disk
same "$work/volume.raw" volume
"$imgls" "$work/disk.raw" 2>/dev/null | sed 1d | sort >"$work/list"
[ -s "$work/list" ] || fail "imgls lists nothing"
# Every file of the folder is in the image, byte by byte.
(cd "$drive" && find . -type f -exec sha256sum {} +) | sed 's|^\([0-9a-f]*\)  \./|\1 /C/|' | sort >"$work/want"
grep '^f' "$work/list" | cut -d' ' -f6- | grep -v '/C/\$' | sort >"$work/got"
cmp -s "$work/want" "$work/got" || { fail "files of the image differ from those of the folder"; diff "$work/want" "$work/got" | head -5; }

# Pieces, and the forms that this machine's tools write.
forms="$work/p/disk.001"
mkdir "$work/p" && split -b 4m -d -a 3 "$work/disk.raw" "$work/p/x." && for f in "$work"/p/x.*; do
    n=$(printf '%03d' $((${f##*.} + 1)) 2>/dev/null || echo bad)
    mv "$f" "$work/p/disk.$n"
done 2>/dev/null
if command -v qemu-img >/dev/null 2>&1; then
    qemu-img convert -O vpc "$work/disk.raw" "$work/disk.vhd" && forms="$forms $work/disk.vhd"
    qemu-img convert -O vhdx "$work/disk.raw" "$work/disk.vhdx" && forms="$forms $work/disk.vhdx"
    for k in monolithicSparse twoGbMaxExtentFlat streamOptimized; do
        mkdir "$work/$k" && qemu-img convert -O vmdk -o subformat=$k "$work/disk.raw" "$work/$k/disk.vmdk" && forms="$forms $work/$k/disk.vmdk"
    done
else
    echo "image: qemu-img is not here: VHD, VHDX and VMDK by unit tests only"
fi
if command -v ewfacquire >/dev/null 2>&1; then
    ewfacquire -u -q -t "$work/disk" -f encase6 -c fast -S 1MiB "$work/disk.raw" >/dev/null 2>&1 && forms="$forms $work/disk.E01"
else
    echo "image: ewfacquire is not here: E01 by unit tests only"
fi
for f in $forms; do
    "$imgls" "$f" 2>"$work/err" | sed 1d | sort >"$work/other"
    cmp -s "$work/list" "$work/other" || fail "${f##*/}: not the files of the raw image: $(head -1 "$work/err")"
done
for f in $forms; do
    case $f in *.001 | *.E01 | *stream*) same "$f" "form-${f##*/}" ;; esac
done

# Exchange on D: and sites on E:, as further volumes of the disk in another order: the letters are those that the registry gives, and the verdict is that of the files.
"$lab" make moved-roots "$work/m" --seed 7 >/dev/null && "$lab" image "$work/m/evidence/C" "$work/letters.raw" --journal --data E="$work/m/evidence/E" --data D="$work/m/evidence/D"
# With a registry in it a little more was looked at than in the files alone.
sed -i 's/"covered": *"no"/"covered": "partly"/' "$work/m/truth.json" && look "$work/letters.raw" letters && { "$lab" check "$work/m/truth.json" "$work/letters/report.json" || fail "letters: another verdict than that of the files"; }
not_says letters 'is a guess' "a letter that the registry knows is called a guess"

# A collector's container, as KAPE packs it: no disk of the server, but a collection.
if command -v qemu-img >/dev/null 2>&1 && command -v zip >/dev/null 2>&1; then
    kape=2021-03-12T100000_Exchange_EXCH01
    mkdir "$work/k" "$work/zip" && "$lab" pack "$work/s/evidence" kape "$work/k" --server EXCH01 >/dev/null && "$lab" image "$work/k/tdest" "$work/k.raw" &&
        qemu-img convert -O vhdx "$work/k.raw" "$work/$kape.vhdx" && (cd "$work" && zip -q "zip/$kape.zip" "$kape.vhdx") && same "$work/zip/$kape.zip" kape
    says kape '"layout": "kape"' "a container is not taken as a collection"
fi

# Deleted, and its clusters free: found by its bytes, dated by the journal.
"$lab" image "$drive" "$work/gone.raw" --journal --deleted "$page" && look "$work/gone.raw" gone
says gone '"path": "C:..inetpub..wwwroot..aspnet_client..larder.aspx", "url": "[^"]*", "state": "removed"' "the deleted back door is not called removed"
says gone '"removed": *"2021-03-04' "the day of the deletion is missing"
says gone '"kind": *"evaluator"' "the bytes of the deleted page were not analysed"

# Times set back: told, and the dates are the kernel's. The same on a clean server is a note and no more.
"$lab" image "$drive" "$work/stamped.raw" --journal --stamped "$page" && look "$work/stamped.raw" stamped
says stamped 'ntfs/times' "times that were set back are not told"
says stamped '"created": *"2021-03-03' "the time of the page is the one that was set"
"$lab" make untouched "$work/u" --seed 7 && "$lab" image "$work/u/evidence/C" "$work/u.raw" --journal --stamped inetpub/wwwroot/iisstart.htm && look "$work/u.raw" benign &&
    { "$lab" check "$work/u/truth.json" "$work/benign/report.json" || fail "benign: another verdict than that of the files"; }
not_says benign '"severity": *"(high|critical)"[^}]*ntfs/' "an ordinary volume is accused"

# Hostile and damaged.
half=$(($(wc -c <"$work/disk.raw") / 2))
head -c "$half" "$work/disk.raw" >"$work/cut.raw"
look "$work/cut.raw" cut 2>/dev/null
grep -qiE 'truncated|cut|unreadable|ends' "$work/cut/report.json" "$work/stderr" 2>/dev/null || fail "cut: nobody says so"
# poke FILE OFFSET BYTES(octal)
poke() { printf '%b' "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null; }
told() {
    timeout 60 "$hunt" hunt --quiet --out "$work/$2" "$1" "$work/s/evidence" >"$work/stdout" 2>"$work/stderr"
    [ -f "$work/$2/report.json" ] || { fail "$2: the hunt did not go on"; return; }
    says "$2" "$3" "the limit is not named"
}
cp "$work/volume.raw" "$work/geometry.raw" && poke "$work/geometry.raw" 13 '\0345' && size=$(wc -c <"$work/geometry.raw") && poke "$work/geometry.raw" $((size - 512 + 13)) '\0345'
told "$work/geometry.raw" geometry 'clusters of'
cp "$work/disk.raw" "$work/cyclic.raw" && poke "$work/cyclic.raw" 462 '\0000\0000\0000\0000\0005\0000\0000\0000\0002\0000\0000\0000\0377\0000\0000\0000'
poke "$work/cyclic.raw" 1024 '\0000' && poke "$work/cyclic.raw" $((1024 + 450)) '\0007\0000\0000\0000\0001\0000\0000\0000\0001\0000\0000\0000' &&
    poke "$work/cyclic.raw" $((1024 + 462)) '\0000\0000\0000\0000\0005\0000\0000\0000\0000\0000\0000\0000\0377\0000\0000\0000' && poke "$work/cyclic.raw" $((1024 + 510)) '\0125\0252'
told "$work/cyclic.raw" cyclic 'chain of extended partitions'
cp "$work/volume.raw" "$work/bitlocker.raw" && poke "$work/bitlocker.raw" 3 '-FVE-FS-'
told "$work/bitlocker.raw" bitlocker 'BitLocker.*recovery key|recovery key'

[ "$bad" = 0 ] && echo "image: all as it should be"
exit "$bad"
