"""The two engines as a campaign's checks see them: a place to write to, rows to read, a process that is killed."""
import glob
import os
import pwd
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time


class Sqlite:
    name = "SQLite"

    def __init__(self, folder, name="campaign"):
        self.path = os.path.join(folder, name + ".db")
        self.where = self.path

    def rows(self, sql):
        with sqlite3.connect(self.path) as db:
            db.text_factory = lambda b: b.decode("utf-8", "replace")
            return db.execute(sql).fetchall()

    def run(self, sql, rows):
        with sqlite3.connect(self.path) as db:
            db.executemany(sql, rows)

    def blob(self, b):
        return b

    def hex(self, column):
        return f"lower(hex({column}))"

    def size(self):
        return sum(os.path.getsize(self.path + end) for end in ("", "-wal", "-shm") if os.path.exists(self.path + end))

    def empty(self):
        for end in ("", "-wal", "-shm", "-lock"):
            if os.path.exists(self.path + end):
                os.remove(self.path + end)

    def copy(self, other):
        """Makes `other` what this one is."""
        other.empty()
        with sqlite3.connect(self.path) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(self.path, other.path)

    def close(self):
        pass


class Postgres:
    """A cluster of its own on a socket in a folder; a database for each store. None where PostgreSQL is not installed."""
    name = "PostgreSQL"
    cluster = None

    def __init__(self, name="campaign"):
        self.database = name
        self.where = f"postgresql:///{name}?host={self.cluster.dir}&user=postgres"
        self.psql("postgres", f"CREATE DATABASE {name}")

    def psql(self, database, sql, stdin=None):
        done = subprocess.run([self.cluster.bin + "/psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", self.cluster.dir, "-U", "postgres", "-d", database, "-At", "-F", "\x1f", "-R", "\x1e", "-c", sql],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, input=stdin)
        if done.returncode:
            raise RuntimeError(done.stderr.decode("utf-8", "replace")[-500:])
        return done.stdout.decode("utf-8", "replace")

    def rows(self, sql):
        text = self.psql(self.database, sql)
        out = []
        for line in text.rstrip("\n").split("\x1e"):
            if line.strip("\n") == "" and not out:
                continue
            out.append(tuple(int(v) if v.lstrip("-").isdigit() else (None if v == "" else v) for v in line.strip("\n").split("\x1f")))
        return out

    def run(self, sql, rows):
        text = []
        for row in rows:
            one = sql
            for v in row:
                one = one.replace("?", "NULL" if v is None else f"decode('{v.hex()}','hex')" if isinstance(v, bytes) else str(v) if isinstance(v, int) else "'" + str(v).replace("'", "''") + "'", 1)
            text.append(one)
        for i in range(0, len(text), 500):
            self.psql(self.database, ";".join(text[i:i + 500]))

    def hex(self, column):
        return f"encode({column}, 'hex')"

    def size(self):
        return int(self.psql(self.database, f"SELECT pg_database_size('{self.database}')").strip())

    def empty(self):
        self.psql("postgres", f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)")
        self.psql("postgres", f"CREATE DATABASE {self.database}")

    def copy(self, other):
        self.psql("postgres", f"DROP DATABASE IF EXISTS {other.database} WITH (FORCE)")
        self.psql("postgres", f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self.database}'")
        self.psql("postgres", f"CREATE DATABASE {other.database} TEMPLATE {self.database}")

    def close(self):
        pass


class Cluster:
    def __init__(self):
        bins = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb")) or glob.glob("/usr/bin/initdb")
        if not bins:
            raise FileNotFoundError("PostgreSQL is not installed (package postgresql)")
        self.bin = os.path.dirname(bins[-1])
        self.dir = tempfile.mkdtemp(prefix="ap_pg.")
        self.uid = None
        if os.geteuid() == 0:
            self.uid = pwd.getpwnam("nobody").pw_uid
            os.chmod(self.dir, 0o755)
            os.chown(self.dir, self.uid, -1)
        data = self.dir + "/data"
        how = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": self.dir, "env": {**os.environ, "HOME": self.dir, "LD_PRELOAD": ""}}
        if self.uid is not None:
            how["user"] = self.uid
        subprocess.run([self.bin + "/initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync"], check=True, **how)
        self.server = subprocess.Popen([self.bin + "/postgres", "-D", data, "-k", self.dir, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "shared_buffers=256MB", "-c", "max_wal_size=4GB"], **how)
        for _ in range(200):
            if subprocess.run([self.bin + "/pg_isready", "-q", "-h", self.dir]).returncode == 0:
                return
            time.sleep(0.1)
        raise RuntimeError("PostgreSQL did not start")

    def stop(self):
        self.server.send_signal(signal.SIGQUIT)
        self.server.wait()
        shutil.rmtree(self.dir, ignore_errors=True)
