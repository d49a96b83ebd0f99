/*
 * pg_server: a PostgreSQL of the test's own, on a socket in a folder that only it knows, gone with the test.
 *
 * Shape    pg_server_start makes a cluster (initdb) and starts it; pg_server_stop ends it and removes the folder. PostgreSQL refuses to run as
 *          root, so it runs as nobody there. It dies with the test, however that ends.
 * Not there  false, with the reason in words: the caller says that it skips.
 */
#ifndef PG_SERVER_H
#define PG_SERVER_H

#include "test.h"

#include <fcntl.h>
#include <glob.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct pg_server { char dir[64], bin[256], where[160]; pid_t pid; };

static inline void pg_server_child(const struct pg_server *p, bool lives, char *const argv[])
{
    char program[512];
    int log, null = open("/dev/null", O_RDONLY);

    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
        _exit(1);
    if (lives)
        prctl(PR_SET_PDEATHSIG, SIGQUIT);
    snprintf(program, sizeof program, "%s/log", p->dir);
    log = open(program, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (null < 0 || log < 0 || dup2(null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0 || chdir(p->dir) != 0)
        _exit(1);
    setenv("HOME", p->dir, 1);
    unsetenv("LD_PRELOAD");
    snprintf(program, sizeof program, "%s/%s", p->bin, argv[0]);
    execv(program, argv);
    _exit(127);
}

static inline bool pg_server_run(const struct pg_server *p, char *const argv[])
{
    int status = 1;
    pid_t pid = fork();

    if (pid == 0)
        pg_server_child(p, false, argv);
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static inline void pg_server_remove(struct pg_server *p)
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        execl("/bin/rm", "rm", "-rf", "--", p->dir, (char *)NULL);
        _exit(127);
    }
    waitpid(pid, &status, 0);
    p->dir[0] = 0;
}

static inline void pg_server_stop(struct pg_server *p)
{
    int status;

    if (p->pid > 0) {
        kill(p->pid, SIGQUIT);              /* at once: nothing of it is needed any more */
        waitpid(p->pid, &status, 0);
    }
    if (p->dir[0])
        pg_server_remove(p);
    p->pid = 0;
}

/* more: further arguments of the server, NULL-ended, or NULL. */
static inline bool pg_server_start(struct pg_server *p, char *const *more, const char **ret_why)
{
    glob_t g;
    char data[128], socket[128];
    char *init[] = { "initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync", NULL };
    char *run[32] = { "postgres", "-D", data, "-k", p->dir, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=20" };
    int n = 11;

    *p = (struct pg_server){ .pid = 0 };
    if (glob("/usr/lib/postgresql/*/bin/initdb", 0, NULL, &g) != 0 && glob("/usr/bin/initdb", 0, NULL, &g) != 0) {
        *ret_why = "PostgreSQL is not installed (package postgresql)";
        return false;
    }
    snprintf(p->bin, sizeof p->bin, "%.*s", (int)(strlen(g.gl_pathv[g.gl_pathc - 1]) - strlen("/initdb")), g.gl_pathv[g.gl_pathc - 1]);
    globfree(&g);
    snprintf(p->dir, sizeof p->dir, "/tmp/ap_pg.XXXXXX");
    if (!mkdtemp(p->dir) || (geteuid() == 0 && chown(p->dir, 65534, 65534) != 0)) {
        *ret_why = "there can be no folder for it";
        p->dir[0] = 0;
        return false;
    }
    snprintf(data, sizeof data, "%s/data", p->dir);
    snprintf(socket, sizeof socket, "%s/.s.PGSQL.5432", p->dir);
    snprintf(p->where, sizeof p->where, "postgresql:///postgres?host=%s&user=postgres", p->dir);
    if (!pg_server_run(p, init)) {
        *ret_why = "initdb failed";
        pg_server_stop(p);
        return false;
    }
    while (more && *more && n < 30)
        run[n++] = *more++;
    p->pid = fork();
    if (p->pid == 0)
        pg_server_child(p, true, run);
    for (int i = 0; i < 1000; i++) {
        char *ready[] = { "pg_isready", "-q", "-h", p->dir, NULL };
        struct stat st;

        if (stat(socket, &st) == 0 && pg_server_run(p, ready))
            return true;
        usleep(10000);
    }
    *ret_why = "the server did not start";
    pg_server_stop(p);
    return false;
}

/* The same, and says why there is none. */
static inline bool pg_server_or_say(struct pg_server *p)
{
    const char *why = "";
    bool ok = pg_server_start(p, NULL, &why);

    if (!ok)
        print_message("PostgreSQL is left out: %s\n", why);
    return ok;
}

/* setup and teardown of a group of tests with a server, if there is one: `w` has the members pg and has_pg. */
#define PG_GROUP(w) PG_GROUP_OF((w).pg, (w).has_pg)
#define PG_GROUP_OF(server, has) \
    static int setup(void **state) { (void)state; (has) = pg_server_or_say(&(server)); return 0; } \
    static int teardown(void **state) { (void)state; pg_server_stop(&(server)); return 0; }

#endif
