/* task: any bytes. Counts stay within their bounds, and every text that is given is one. */
#include "formats/task.h"

#include <stdlib.h>

static void read_text(struct str s)
{
    volatile uint8_t sum = 0;

    for (size_t i = 0; i < s.n; i++)
        sum = (uint8_t)(sum + s.p[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    enum { ROOM = 8 << 20 };
    uint8_t     *room = malloc(ROOM);
    struct arena a = { room, room + ROOM, NULL };
    struct err   e = { 0 };
    struct task  t;

    if (task_parse(&t, &a, (struct str){ data, n }, &e)) {
        if (t.action_n > TASK_ACTIONS_MAX || t.trigger_n > TASK_TRIGGERS_MAX || (t.damaged && !t.what[0]))
            abort();
        read_text(t.uri);
        read_text(t.user);
        for (size_t i = 0; i < t.action_n; i++) {
            read_text(t.action[i].command);
            read_text(t.action[i].arguments);
        }
    } else if (e.kind == ERR_NONE || !e.what[0]) {
        abort();
    }
    free(room);
    return 0;
}
