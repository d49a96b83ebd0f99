/*
 * report: the answer, as report.json says it; every output is drawn from this structure and none knows more than it.
 *
 * Names and meaning: docs/report.schema.json. Arrays are sorted as the contract says (time, path, id).
 * Text is raw evidence; NULL-able strings are empty views. Times TIME_NONE mean null.
 */
#ifndef VERDICT_REPORT_H
#define VERDICT_REPORT_H

#include "detect/finding.h"
#include "verdict/words.h"

const char *reach_name(enum reach r);
const char *thing_name(enum thing_state s);

struct id_list { uint32_t *item; size_t n; };           /* indices in report.finding */
struct str_list { struct str *item; size_t n; };

struct finding {
    char       id[8];                 /* "F0001" */
    uint8_t    key[16];               /* of detector, path and first raw_sha256 */
    struct str detector, title, why;
    enum severity severity;
    double     confidence;
    int64_t    time_us, last_us;
    enum axis  axis;                  /* AXIS_NONE: review, null in the report */
    struct str axis_state;
    struct str_list cve, attack;
    uint64_t   count;
    struct cite evidence[2]; size_t evidence_n;
    uint32_t   session;               /* index, UINT32_MAX none */
    bool       probe;                 /* scanner, administrator, coexistence: shown apart, accuses nobody */
};

struct stolen { struct str what, name; uint64_t bytes; };
struct next_step { struct str id, title, text; struct id_list because; };

struct campaign {
    struct str id, title;
    enum verdict_word verdict;
    enum open_state   open; struct id_list open_because;
    int64_t window_from_us, window_to_us, patched_us;
    bool    window_empty;
    struct { enum exposure_state state; enum covered covered; struct id_list findings; } exposure;
    struct { enum exploit_state state; int64_t first_us, last_us; struct str_list cve; enum covered covered; struct id_list findings; } exploitation;
    struct { enum door_state state; enum covered covered; struct id_list findings; } back_door;
    struct { enum use_state state; bool re_entered; int64_t first_us, last_us; enum covered covered; struct id_list findings; } use;
    struct { enum theft_state state; struct stolen *item; size_t item_n; enum covered covered; struct id_list findings; } theft;
    struct str_list   why;
    struct next_step *step; size_t step_n;
};

struct back_door {
    struct str path, url, kind, key, sha256;
    enum thing_state state;
    enum reach reachable;
    int64_t created_us, removed_us;
    struct { enum use_word state; bool reached; int64_t first_us, last_us; uint64_t requests, errors; struct str_list clients; } use;
    uint32_t intruder;                /* index, UINT32_MAX none */
    struct id_list findings;
};
struct way_back {
    struct str kind, name, path;
    struct str state;                 /* present|removed|unknown; exposed_secret: exposed|rotated|unproven */
    enum use_word used;
    enum reach reachable;
    struct id_list findings;
};
struct session {
    uint32_t intruder;                /* UINT32_MAX: none (never got in) */
    struct str_list clients, cve;
    int64_t first_us, last_us;
    bool succeeded;
    struct id_list findings;
};
struct intruder {
    struct str_list keys, clients, user_agents;
    int64_t first_us, last_us;
    struct str why;
};
struct other_server { struct str name, why; struct id_list findings; bool hunted; };   /* hunted: its own report stands beside this one */

struct cover_row {
    enum family family;
    bool        expected;
    const struct seen *seen;
    struct span *gap; size_t gap_n, gap_more;    /* holes longer than 36 h inside the window */
    enum covered covers_window;
    struct str  how_to_get;
};
struct time_row { int64_t time_us; uint32_t finding, session; struct str text; };

/* Rules of the operator's own (--rules): how many looked, and which could not. Texts are the rules', so a stranger's. */
struct own_rules {
    uint64_t sigma_n, yara_n, elsewhere_n;       /* elsewhere: good rules for logs that are not read here */
    struct own_refused { struct str file, title, why; } *refused;
    size_t   refused_n;
    uint64_t refused_more;
};

struct report {
    const struct detected *found;
    /* Known before the verdict. */
    struct str tool_version;
    struct str case_id, case_nonce, organisation, tlp;
    int64_t since_us, until_us;
    const struct own_rules *rules;               /* NULL: none were given */
    /* Known after everything; the only part that may differ between two runs. */
    int64_t  started_us; double seconds; uint64_t bytes_read, peak_memory_bytes; const char *sandbox;

    struct campaign   campaign;                  /* one pack a hunt for now; a list in the file */
    struct back_door *back_door; size_t back_door_n;
    struct way_back  *way_back;  size_t way_back_n;
    struct session   *session;   size_t session_n;
    struct intruder  *intruder;  size_t intruder_n;
    struct other_server *other;  size_t other_n;
    struct finding   *finding;   size_t finding_n;
    struct cover_row *cover;     size_t cover_n;
    struct time_row  *timeline;  size_t timeline_n;
    struct { uint64_t timeline, findings, back_doors, sessions, refused; } omitted;
};

#endif
