#include "test.h"

#include "os/stop.h"

#include <signal.h>
#include <unistd.h>

static void asks(void **state)
{
    (void)state;
    struct os_stop s = { -1 };
    struct err     e = { 0 };

    CHECK(!os_stop_asked(&s));
    CHECK(os_stop_open(&s, &e));
    CHECK(!os_stop_asked(&s));
    CHECK(kill(getpid(), SIGTERM) == 0 && kill(getpid(), SIGINT) == 0);
    CHECK(os_stop_wait(&s, 1000));
    CHECK(!os_stop_wait(&s, 1) && !os_stop_wait(NULL, 1));
    CHECK(!os_stop_asked(&s));
    CHECK(kill(getpid(), SIGTERM) == 0);
    os_stop_close(&s);                    /* dropped: we are still here */
    os_stop_close(&s);
    CHECK(s.fd == -1);
}

int main(void)
{
    const struct CMUnitTest t[] = { cmocka_unit_test(asks) };
    return cmocka_run_group_tests(t, NULL, NULL);
}
