/* story: words that all stories use. */
#include "lab/story.h"

#include <string.h>

void verdict(struct lab *l, const char *word)
{
    static const struct { const char *word; int code; } code[] = {
        { "no_trace", 0 }, { "not_covered", 3 }, { "attempted", 4 }, { "exploited", 5 }, { "back_door", 6 }, { "back_door_used", 7 }, { "beyond_server", 7 },
    };
    for (size_t i = 0; i < sizeof code / sizeof *code; i++)
        if (!strcmp(code[i].word, word))
            truth_int(l, "exit_code", code[i].code);
    truth_text(l, "verdict", word);
}

/* Everything that text and files can show was collected, for the whole window. */
void all_covered(struct lab *l)
{
    if (l->patch_us != TIME_NONE)
        truth_text(l, "exposure.covered", "full");
    truth_text(l, "exploitation.covered", "full");
    truth_text(l, "back_door.covered", "no");       /* the lowest of its families, and the registry was not read */
    truth_text(l, "theft.covered", "full");
}

void attempted(struct lab *l)
{
    verdict(l, "attempted");
    truth_text(l, "exploitation.state", "attempted");
}

void entered(struct lab *l, int intruders)
{
    verdict(l, "exploited");
    truth_text(l, "exploitation.state", "succeeded");
    truth_int(l, "intruders", intruders);
}

void door(struct lab *l, const char *state, bool used, bool again)
{
    verdict(l, used ? "back_door_used" : "back_door");
    truth_text(l, "back_door.state", state);
    truth_text(l, "use.state", used ? "used" : "none_seen");
    truth_bool(l, "use.re_entered", again);
    truth_text(l, "use.covered", "full");
    if (!strcmp(state, "present"))
        truth_text(l, "door_open.state", "yes");
}

const char *web(struct lab *l, const char *below) { return pool_fmt(&l->keep, "%s/%s", l->at.webroot, below); }
const char *front(struct lab *l, const char *below) { return pool_fmt(&l->keep, "%s/FrontEnd/HttpProxy/%s", l->at.install, below); }

void intrude(struct lab *l, const struct raid *r, const char *start)
{
    int64_t t = at(start);

    raid_look(l, r, t);
    raid_admin(l, r, t + 40 * TIME_SECOND);
    raid_drop(l, r, t + 55 * TIME_SECOND);
}

const struct raid someone = { .client = "198.51.100.23", .ua = UA_SCRIPT, .canary = "q7Lr9bT0kXm2.", .key = "rye7Qk2LmZp1", .script = "/ecp/y.js" };
