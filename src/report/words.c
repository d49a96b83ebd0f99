#include "report/words.h"
#include "base/num.h"


#define PICK(table, v) ((size_t)(v) < COUNT_OF(table) ? (table)[v] : (struct word){ "Unknown", "", TONE_PLAIN })

const char *tone_name(enum tone t)
{
    static const char *const name[] = { "plain", "good", "unsure", "warn", "bad" };
    return (size_t)t < COUNT_OF(name) ? name[t] : "plain";
}

struct word word_verdict(enum verdict_word v)
{
    static const struct word w[] = {
        [V_NO_TRACE]       = { "No trace", "", TONE_GOOD },
        [V_ATTEMPTED]      = { "Attempted", "", TONE_UNSURE },
        [V_NOT_COVERED]    = { "Not covered", "", TONE_UNSURE },
        [V_EXPLOITED]      = { "Broken into", "", TONE_BAD },
        [V_BACK_DOOR]      = { "Back door", "", TONE_BAD },
        [V_BACK_DOOR_USED] = { "Back door, used", "", TONE_BAD },
        [V_BEYOND_SERVER]  = { "Beyond this server", "", TONE_BAD },
    };
    return PICK(w, v);
}

struct word word_open(enum open_state s)
{
    static const struct word w[] = {
        [OPEN_UNPROVEN] = { "Way in today: not proven closed", "Nothing open was seen, but the evidence does not prove that all is closed.", TONE_UNSURE },
        [OPEN_NO]       = { "Way in today: closed", "The flaw is fixed and no way back in was left, as far as this campaign goes.", TONE_GOOD },
        [OPEN_YES]      = { "Way in today: open", "Someone can still come in. Act on the first steps now.", TONE_BAD },
    };
    return PICK(w, s);
}

struct word word_exposure(enum exposure_state s)
{
    static const struct word w[] = {
        [EXP_NOT_AFFECTED] = { "Not affected", "This version does not have the flaws.", TONE_GOOD },
        [EXP_PATCHED]      = { "Patched", "The fix is installed. It does not remove what was planted before.", TONE_GOOD },
        [EXP_MITIGATED]    = { "Mitigated", "A temporary protection is in place; the fix is not.", TONE_WARN },
        [EXP_UNPATCHED]    = { "Unpatched", "The fix is not installed.", TONE_BAD },
        [EXP_CANNOT_TELL]  = { "Cannot tell", "The evidence does not show which build ran here.", TONE_UNSURE },
    };
    return PICK(w, s);
}

struct word word_exploit(enum exploit_state s)
{
    static const struct word w[] = {
        [EXPL_NONE_SEEN] = { "None seen", "No request that uses the flaws was found.", TONE_PLAIN },
        [EXPL_ATTEMPTED] = { "Attempted", "Someone tried; nothing shows that it worked.", TONE_WARN },
        [EXPL_SUCCEEDED] = { "Succeeded", "Someone got in through the flaws.", TONE_BAD },
    };
    return PICK(w, s);
}

struct word word_door(enum door_state s)
{
    static const struct word w[] = {
        [DOOR_NONE_SEEN] = { "None seen", "No back door or other way back in was found.", TONE_PLAIN },
        [DOOR_REMOVED]   = { "Removed", "One was here and is gone.", TONE_WARN },
        [DOOR_UNKNOWN]   = { "Unknown", "Logs show one; the folder where it lay was not collected.", TONE_WARN },
        [DOOR_PRESENT]   = { "Present", "A way back in is here now.", TONE_BAD },
    };
    return PICK(w, s);
}

struct word word_use(enum use_state s, bool re_entered)
{
    static const struct word w[] = {
        [USE_NONE_SEEN]     = { "None seen", "No use of a back door was found.", TONE_PLAIN },
        [USE_USED]          = { "Used", "Someone sent orders through it.", TONE_BAD },
        [USE_BEYOND_SERVER] = { "Beyond this server", "The intruder acted on other machines from here.", TONE_BAD },
    };
    if (s == USE_USED && re_entered)
        return (struct word){ "Used again later", "Someone came back through it in a later visit.", TONE_BAD };
    return PICK(w, s);
}

struct word word_theft(enum theft_state s)
{
    static const struct word w[] = {
        [THEFT_NONE_SEEN] = { "None seen", "Nothing shows that data was taken.", TONE_PLAIN },
        [THEFT_SUSPECTED] = { "Suspected", "Data was gathered, or read in small amounts.", TONE_WARN },
        [THEFT_SEEN]      = { "Seen", "Data left this server.", TONE_BAD },
    };
    return PICK(w, s);
}

struct word word_covered(enum covered c)
{
    static const struct word w[] = {
        [COVERED_NO]     = { "not covered", "The evidence for this is missing.", TONE_UNSURE },
        [COVERED_PARTLY] = { "partly covered", "Some of the evidence for this is missing.", TONE_UNSURE },
        [COVERED_FULL]   = { "fully covered", "The evidence for this is complete.", TONE_PLAIN },
    };
    return PICK(w, c);
}

struct word word_thing(enum thing_state s)
{
    static const struct word w[] = {
        [THING_UNKNOWN] = { "unknown", "its folder was not collected", TONE_WARN },
        [THING_REMOVED] = { "removed", "it was here and is gone", TONE_PLAIN },
        [THING_PRESENT] = { "present", "it is here now", TONE_BAD },
    };
    return PICK(w, s);
}

struct word word_used(enum use_word u)
{
    static const struct word w[] = {
        [USED_NO_EVIDENCE] = { "no evidence", "the logs do not cover its time", TONE_UNSURE },
        [USED_NOT_SEEN]    = { "use not seen", "the logs are here and show none", TONE_PLAIN },
        [USED_USED]        = { "used", "someone sent orders through it", TONE_BAD },
    };
    return PICK(w, u);
}

struct word word_reach(enum reach r)
{
    static const struct word w[] = {
        [REACH_UNKNOWN] = { "unknown", "", TONE_PLAIN }, [REACH_NO] = { "no", "", TONE_PLAIN }, [REACH_YES] = { "yes", "", TONE_WARN },
    };
    return PICK(w, r);
}

struct word word_severity(enum severity s)
{
    static const struct word w[] = {
        [SEV_INFO] = { "info", "", TONE_PLAIN }, [SEV_LOW] = { "low", "", TONE_PLAIN }, [SEV_MEDIUM] = { "medium", "", TONE_UNSURE },
        [SEV_HIGH] = { "high", "", TONE_WARN },  [SEV_CRITICAL] = { "critical", "", TONE_BAD },
    };
    return PICK(w, s);
}

struct word word_way_state(struct str state)
{
    static const struct word w[] = {
        { "present", "", TONE_BAD }, { "removed", "", TONE_PLAIN }, { "unknown", "", TONE_WARN },
        { "exposed", "", TONE_BAD }, { "rotated", "", TONE_PLAIN }, { "unproven", "", TONE_UNSURE },
    };
    for (size_t i = 0; i < COUNT_OF(w); i++)
        if (str_eq(state, str_c(w[i].title)))
            return w[i];
    return (struct word){ NULL, "", TONE_PLAIN };
}
