#include "test.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/num.h"
#include "os/greet.h"

/* A server for one connection that says this. */
static pid_t server(const char *says, int *ret_port)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof a;
    int s = socket(AF_INET, SOCK_STREAM, 0);

    CHECK(bind(s, (struct sockaddr *)&a, sizeof a) == 0 && listen(s, 1) == 0 && getsockname(s, (struct sockaddr *)&a, &n) == 0);
    *ret_port = ntohs(a.sin_port);
    pid_t pid = fork();
    if (pid == 0) {
        char buf[16] = "";
        int c = accept(s, NULL, NULL);
        alarm(5);
        if (*says)
            (void)!write(c, says, strlen(says));
        ssize_t got = read(c, buf, sizeof buf - 1);
        _exit(got == 6 && !strcmp(buf, "QUIT\r\n") ? 0 : 1);
    }
    close(s);
    return pid;
}

static void table(void **state)
{
    static const struct { const char *says; bool want; int status; const char *why; } c[] = {
        { "220 mta.example ESMTP\r\n", true, 0, "greeted, and took leave" },
        { "554 no\r\n", false, 1, "it does not want us" },
        { "", false, 1, "silence" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct err e = { 0 };
        char at[32];
        int port, status;
        pid_t pid = server(c[i].says, &port);

        snprintf(at, sizeof at, "127.0.0.1:%d", port);
        CHECK_WHY(os_greet(at, 300, &e) == c[i].want, c[i].why);
        CHECK_WHY(c[i].want || e.kind == ERR_IO, c[i].why);
        CHECK_WHY(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == c[i].status, c[i].why);
    }
}

static void none(void **state)
{
    static const char *const bad[] = { "", "x", ":25", "x:", "x:0", "x:65536", "x:1e2" };
    struct err e = { 0 };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        e = (struct err){ 0 };
        CHECK_WHY(!os_greet(bad[i], 100, &e) && e.kind == ERR_USAGE, bad[i]);
    }
    e = (struct err){ 0 };
    CHECK(!os_greet("127.0.0.1:1", 300, &e) && e.kind == ERR_IO);
}

int main(void)
{
    const struct CMUnitTest t[] = { cmocka_unit_test(table), cmocka_unit_test(none) };
    return cmocka_run_group_tests(t, NULL, NULL);
}
