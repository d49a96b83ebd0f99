#include "base/num.h"
#include "verdict/report.h"

/*
 * The words of report.json, in the order of the enums. The tables are the only place that spells them.
 * Source: report-contract, "campaigns", "Precedence"; design, section 3 (exit codes).
 */
static const struct { const char *name, *headline; int code; } verdict_table[] = {
    [V_NO_TRACE]      = { "no_trace", "No trace of the intrusion was found, and the logs that would show one are there.", 0 },
    [V_ATTEMPTED]     = { "attempted", "Somebody tried to get in; nothing shows that it worked.", 4 },
    [V_NOT_COVERED]   = { "not_covered", "The evidence does not cover the time that matters: no answer is possible yet.", 3 },
    [V_EXPLOITED]     = { "exploited", "The server was broken into.", 5 },
    [V_BACK_DOOR]     = { "back_door", "The server was broken into and a way back in was planted; no use of it was seen.", 6 },
    [V_BACK_DOOR_USED]= { "back_door_used", "The server was broken into and the back door was used.", 7 },
    [V_BEYOND_SERVER] = { "beyond_server", "The intruder used this server to reach other machines.", 7 },
};
static const char *const exposure_table[] = { "not_affected", "patched", "mitigated", "unpatched", "cannot_tell" };
static const char *const exploit_table[]  = { "none_seen", "attempted", "succeeded" };
static const char *const door_table[]     = { "none_seen", "removed", "unknown", "present" };
static const char *const use_table[]      = { "none_seen", "used", "beyond_server" };
static const char *const theft_table[]    = { "none_seen", "suspected", "seen" };
static const char *const covered_table[]  = { "no", "partly", "full" };
static const char *const open_table[]     = { "unproven", "no", "yes" };
static const char *const used_table[]     = { "no_evidence_available", "not_seen_used", "used" };
static const char *const reach_table[]    = { "unknown", "no", "yes" };
static const char *const thing_table[]    = { "unknown", "removed", "present" };

#define WORD(table, v) ((size_t)(v) < COUNT_OF(table) ? (table)[v] : "unknown")

const char *verdict_name(enum verdict_word v) { return (size_t)v < COUNT_OF(verdict_table) ? verdict_table[v].name : "unknown"; }
const char *verdict_headline(enum verdict_word v) { return (size_t)v < COUNT_OF(verdict_table) ? verdict_table[v].headline : ""; }
int verdict_exit_code(enum verdict_word v) { return (size_t)v < COUNT_OF(verdict_table) ? verdict_table[v].code : 1; }
const char *exposure_name(enum exposure_state s) { return WORD(exposure_table, s); }
const char *exploit_name(enum exploit_state s) { return WORD(exploit_table, s); }
const char *door_name(enum door_state s) { return WORD(door_table, s); }
const char *use_name(enum use_state s) { return WORD(use_table, s); }
const char *theft_name(enum theft_state s) { return WORD(theft_table, s); }
const char *covered_name(enum covered c) { return WORD(covered_table, c); }
const char *open_name(enum open_state s) { return WORD(open_table, s); }
const char *use_word_name(enum use_word u) { return WORD(used_table, u); }
const char *reach_name(enum reach r) { return WORD(reach_table, r); }
const char *thing_name(enum thing_state s) { return WORD(thing_table, s); }

/* Contract, Precedence, and the two definitions it leans on: no_trace and not_covered. */
enum verdict_word verdict_of(const struct axes *x)
{
    if (x->use == USE_BEYOND_SERVER)
        return V_BEYOND_SERVER;
    if (x->use == USE_USED)
        return V_BACK_DOOR_USED;
    if (x->back_door != DOOR_NONE_SEEN)
        return V_BACK_DOOR;
    if (x->exploitation == EXPL_SUCCEEDED)
        return V_EXPLOITED;
    /* Precedence does not name theft. Data that left the server is no "no trace": somebody was in, though how is not seen. */
    if (x->theft == THEFT_SEEN)
        return V_EXPLOITED;
    if (x->entry != COVERED_FULL)
        return V_NOT_COVERED;
    return x->exploitation == EXPL_ATTEMPTED ? V_ATTEMPTED : V_NO_TRACE;
}
