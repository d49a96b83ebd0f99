#include "cli/verbs.h"

#include <string.h>

const struct verb *const verb_table[] = {
    &verb_hunt, &verb_page, &verb_events, &verb_registry, &verb_collect, &verb_baseline, &verb_pack, &verb_rules, &verb_iocs, &verb_survey, &verb_case, &verb_contact, &verb_notify, &verb_status, &verb_help, &verb_version, &verb_man, &verb_completion, NULL
};

const struct exit_code exit_codes[] = {
    { 0, "hunt: no trace, and the evidence that would show one covers the whole window; other verbs: done" },
    { 1, "the work failed: the error is on stderr" },
    { 2, "wrong usage" },
    { 3, "hunt: not covered: no trace seen, but evidence that would show one is missing" },
    { 4, "hunt: attempted: tried, nothing shows that it worked" },
    { 5, "hunt: exploited: the flaws were used with success" },
    { 6, "hunt: a back door is or was there; nothing shows that it was used; page: a back door" },
    { 7, "hunt: a back door was used, or the intruder went on to other hosts" },
    { 0, NULL }
};

const struct variable variables[] = {
    { "NO_COLOR", "set to anything but an empty text: no colour (no-color.org)" },
    { "TERM", "\"dumb\": no colour" },
    { NULL, NULL }
};

const struct verb *verb_find(struct str name)
{
    for (size_t i = 0; verb_table[i]; i++)
        if (str_eq(name, str_c(verb_table[i]->name)))
            return verb_table[i];
    return NULL;
}

const char *verb_word(const struct verb *v)
{
    const char *blank = strrchr(v->name, ' ');
    return blank ? blank + 1 : v->name;
}

const struct verb *verb_sub(const struct verb *group, struct str word)
{
    for (size_t i = 0; group->sub && group->sub[i]; i++)
        if (str_eq(word, str_c(verb_word(group->sub[i]))))
            return group->sub[i];
    return NULL;
}

const struct verb *verb_shown(size_t i)
{
    for (size_t k = 0; verb_table[k]; k++) {
        const struct verb *v = verb_table[k];

        if (v->hidden)
            continue;
        if (i-- == 0)
            return v;
        for (size_t j = 0; v->sub && v->sub[j]; j++)
            if (i-- == 0)
                return v->sub[j];
    }
    return NULL;
}
