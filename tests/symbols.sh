#!/bin/sh
# symbols.sh LIBRARY: no two files define one name. A linker takes the first it needs of an archive and says nothing, so that a call may reach another layer's function.
set -eu
nm -g --defined-only "$1" 2>/dev/null | awk 'NF == 3 && $2 ~ /[TDBRGS]/ { print $3 }' | sort | uniq -c |
    awk '{ n++ } $1 > 1 && $2 !~ /^(__odr_asan|asan\.|__asan)/ { print "defined " $1 " times: " $2; bad = 1 } END { if (n < 1000) { print "only " n " names: is this the library?"; bad = 1 } exit bad }'
