/*
 * mta: a real Postfix of the test's own on loopback: takes mail for anybody and puts it into one Maildir. Gone with the test.
 *
 * Shape    mta_start makes a folder with its configuration and starts it on a free port; mta_stop ends it and removes the folder.
 * Not there  false, with the reason in words (no Postfix, not root): the caller says that it skips.
 * Log      dir/log/mail.log, by Postfix itself. Mail in dir/mail/sink/new, one file a message.
 * Refuses  recipients with the local part "nobody": 550 5.1.1; "later": 450 4.2.0.
 */
#ifndef MTA_H
#define MTA_H

#include <arpa/inet.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct mta { char dir[64], log[96], inbox[96], host_port[32]; int port; bool runs; };

static inline int mta_free_port(void)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof a;
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int port = s >= 0 && bind(s, (struct sockaddr *)&a, sizeof a) == 0 && getsockname(s, (struct sockaddr *)&a, &n) == 0 ? ntohs(a.sin_port) : 0;

    close(s);
    return port;
}

static inline bool mta_file(const char *dir, const char *name, const char *text)
{
    char path[160];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    if (!f)
        return false;
    bool ok = fputs(text, f) >= 0;
    return fclose(f) == 0 && ok;
}

static inline bool mta_run(char *const argv[])
{
    int status = 1;
    pid_t pid = fork();

    if (pid == 0) {
        int null = open("/dev/null", O_RDWR);
        dup2(null, 0);
        dup2(null, 1);
        dup2(null, 2);
        execv(argv[0], argv);
        _exit(127);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static inline bool mta_postfix(const struct mta *m, const char *what)
{
    char conf[96];
    snprintf(conf, sizeof conf, "%s/conf", m->dir);
    char *argv[] = { "/usr/sbin/postfix", "-c", conf, (char *)what, NULL };
    return mta_run(argv);
}

static inline bool mta_answers(int port)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)port) };
    char greeting[4] = "";
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok = s >= 0 && connect(s, (struct sockaddr *)&a, sizeof a) == 0 && recv(s, greeting, 3, 0) == 3 && !strcmp(greeting, "220");

    close(s);
    return ok;
}

static inline bool mta_up(struct mta *m)
{
    /* What was ended a moment ago may still be there. */
    for (int i = 0; i < 50 && !(m->runs = mta_postfix(m, "start")); i++)
        usleep(100000);
    for (int i = 0; m->runs && i < 500; i++) {
        if (mta_answers(m->port))
            return true;
        usleep(10000);
    }
    return false;
}

/* Ends it as an operator would, or at once. */
static inline void mta_down(struct mta *m, bool at_once)
{
    if (m->runs)
        mta_postfix(m, at_once ? "abort" : "stop");
    m->runs = false;
}

static inline void mta_stop(struct mta *m)
{
    char *rm[] = { "/bin/rm", "-rf", "--", m->dir, NULL };

    mta_down(m, true);
    if (m->dir[0])
        mta_run(rm);
    m->dir[0] = 0;
}

static inline bool mta_can(const char **ret_why)
{
    if (geteuid() == 0 && access("/usr/sbin/postfix", X_OK) == 0 && getpwnam("postfix"))
        return true;
    *ret_why = geteuid() != 0 ? "Postfix starts as root only" : "Postfix is not installed (package postfix)";
    return false;
}

/* port: 0, or one that was free. more, services: further lines of main.cf and master.cf; NULL: none. */
static inline bool mta_start_at(struct mta *m, int port, const char *more, const char *services, const char **ret_why)
{
    struct passwd *postfix = getpwnam("postfix");
    static const char *const folder[] = { "conf", "queue", "data", "mail", "log" };
    char path[128], main_cf[4096], master_cf[2048];

    *m = (struct mta){ .port = 0 };
    if (!mta_can(ret_why))
        return false;
    snprintf(m->dir, sizeof m->dir, "/tmp/ap_mta.XXXXXX");
    if (!mkdtemp(m->dir) || chmod(m->dir, 0755) != 0) {
        m->dir[0] = 0;
        *ret_why = "there can be no folder for it";
        return false;
    }
    for (size_t i = 0; i < sizeof folder / sizeof *folder; i++) {
        snprintf(path, sizeof path, "%s/%s", m->dir, folder[i]);
        if (mkdir(path, 0755) != 0 || (i == 2 && chown(path, postfix->pw_uid, postfix->pw_gid) != 0) || (i == 3 && chown(path, 65534, 65534) != 0))
            *ret_why = "there can be no folder for it";
    }
    m->port = port ? port : mta_free_port();
    snprintf(m->host_port, sizeof m->host_port, "127.0.0.1:%d", m->port);
    snprintf(m->log, sizeof m->log, "%s/log/mail.log", m->dir);
    snprintf(m->inbox, sizeof m->inbox, "%s/mail/sink/new", m->dir);
    snprintf(main_cf, sizeof main_cf,
             "compatibility_level = 3.6\nqueue_directory = %s/queue\ndata_directory = %s/data\ncommand_directory = /usr/sbin\ndaemon_directory = /usr/lib/postfix/sbin\n"
             "mail_owner = postfix\nsetgid_group = postdrop\ninet_interfaces = 127.0.0.1\ninet_protocols = ipv4\nmynetworks = 127.0.0.0/8\nmyhostname = mta.cert.example\nmydestination =\n"
             "virtual_mailbox_domains = static:all\nvirtual_mailbox_base = %s/mail\nvirtual_mailbox_maps = static:sink/\nvirtual_uid_maps = static:65534\nvirtual_gid_maps = static:65534\n"
             "virtual_minimum_uid = 1\nvirtual_alias_maps =\nalias_maps =\nalias_database =\nmaillog_file = %s/log/mail.log\nmaillog_file_prefixes = %s\n"
             "smtpd_recipient_restrictions = check_recipient_access inline:{{nobody@ = 550 5.1.1 no such user} {later@ = 450 4.2.0 busy}}, permit_mynetworks, reject\n"
             "smtpd_relay_restrictions = permit_mynetworks, reject\nin_flow_delay = 0\nsmtpd_client_connection_count_limit = 0\nsmtpd_client_connection_rate_limit = 0\n%s\n",
             m->dir, m->dir, m->dir, m->dir, m->dir, more ? more : "");
    snprintf(master_cf, sizeof master_cf,
             "127.0.0.1:%d inet n - n - - smtpd\npickup unix n - n 60 1 pickup\ncleanup unix n - n - 0 cleanup\nqmgr unix n - n 300 1 qmgr\nrewrite unix - - n - - trivial-rewrite\n"
             "bounce unix - - n - 0 bounce\ndefer unix - - n - 0 bounce\ntrace unix - - n - 0 bounce\nverify unix - - n - 1 verify\nflush unix n - n 1000? 0 flush\nproxymap unix - - n - - proxymap\n"
             "smtp unix - - n - - smtp\nrelay unix - - n - - smtp\nshowq unix n - n - - showq\nerror unix - - n - - error\nretry unix - - n - - error\ndiscard unix - - n - - discard\n"
             "virtual unix - n n - - virtual\nanvil unix - - n - 1 anvil\nscache unix - - n - 1 scache\npostlog unix-dgram n - n - 1 postlogd\n%s", m->port, services ? services : "");
    snprintf(path, sizeof path, "%s/conf", m->dir);
    if (!mta_file(path, "main.cf", main_cf) || !mta_file(path, "master.cf", master_cf) || !mta_up(m)) {
        *ret_why = "Postfix did not start";
        mta_stop(m);
        return false;
    }
    return true;
}

static inline bool mta_start(struct mta *m, const char *more, const char **ret_why) { return mta_start_at(m, 0, more, NULL, ret_why); }

#endif
