#!/bin/sh
# Recording and recomputing, on SQLite and on a PostgreSQL of its own: bench.sh BUILD [SERVERS [DAYS]]. 100,000 servers and 100 days are 10 million
# observations. Beside each: what the engine itself takes for one GROUP BY over the same rows.
set -eu

build=$1 servers=${2:-100000} days=${3:-100}
dir=$(mktemp -d "${TMPDIR:-/tmp}/surveybench.XXXXXX")
pid=
end() {
    [ -z "$pid" ] || { kill -INT "$pid" 2>/dev/null; wait "$pid" 2>/dev/null || :; }
    rm -rf -- "$dir"
}
trap end EXIT
trap 'exit 1' INT TERM HUP

count='SELECT count(*) FROM (SELECT observed_us / 86400000000, state, count(*) FROM survey_observation GROUP BY 1, 2) x'

echo "SQLite, $servers servers, $days days"
"$build/surveybench" "$dir/afterpatch.db" --servers "$servers" --days "$days"
"$build/surveybench" "$dir/afterpatch.db" --only-days
python3 - "$dir/afterpatch.db" "$count" <<'END'
import sqlite3, sys, time
from_s = time.time()
sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone()
print(f"{'SQLite, one GROUP BY':24} {time.time() - from_s:7.2f} s")
END

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1)
[ -n "$bin" ] || { echo "PostgreSQL is not installed (package postgresql): left out"; exit 0; }
echo "PostgreSQL, $servers servers, $days days"
mkdir "$dir/pg"
as=
if [ "$(id -u)" = 0 ]; then                   # it refuses to run as root
    chmod 711 "$dir"
    chown nobody "$dir/pg"
    as="setpriv --reuid=nobody --regid=$(id -g nobody) --clear-groups"
fi
$as "$bin/initdb" -D "$dir/pg/data" -A trust -U postgres -E UTF8 --locale=C >/dev/null
$as "$bin/postgres" -D "$dir/pg/data" -k "$dir/pg" -c listen_addresses= -c shared_buffers=256MB -c max_wal_size=4GB >"$dir/pg/log" 2>&1 &
pid=$!
for i in 1 2 3 4 5 6 7 8 9 10; do
    "$bin/pg_isready" -q -h "$dir/pg" && break
    sleep 1
done
where="postgresql:///postgres?host=$dir/pg&user=postgres"
"$build/surveybench" "$where" --servers "$servers" --days "$days"
"$build/surveybench" "$where" --only-days
from=$(date +%s.%N)
"$bin/psql" -q -h "$dir/pg" -U postgres -c "$count" >/dev/null
echo "$from $(date +%s.%N)" | awk '{ printf "%-24s %7.2f s\n", "PostgreSQL, one GROUP BY", $2 - $1 }'
