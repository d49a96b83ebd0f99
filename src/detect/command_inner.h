/* command_inner: the parts of command's judgement: reading the line, and the table of what it may say. */
#ifndef DETECT_COMMAND_INNER_H
#define DETECT_COMMAND_INNER_H

#include "detect/command.h"

struct command_arg { struct str text; size_t from, to; };        /* without its quotes; where it stood in the line */

/* Variables of Windows, of cmd and of PowerShell, become their usual values. .p == NULL: arena full. */
struct str command_expand(struct arena *a, struct str line, uint8_t sys);
/* Arguments as Windows parts them; more than COMMAND_ARGS_MAX: the rest stays unread. False: arena full. */
bool command_split(struct arena *a, struct str line, struct command_arg *ret, size_t *ret_n);
/* The program of a line: also an unquoted path with blanks. *ret_rest: where its arguments begin. */
struct str command_program(struct str line, size_t *ret_rest);
/* The next absolute path in a text, from *pos on, cut where a path ends. */
bool command_next_path(struct str text, size_t *pos, struct str *ret);
bool command_runnable(struct str path);                          /* its extension is one that Windows or an interpreter runs */

/* What somebody did to a text so that it does not read as what it is. */
struct command_tricks { size_t broken, joined, cut_out, codes; };
/*
 * The text as rules look at it: lower case, without quotes, ^, `, joined pieces and ".exe", blanks folded to one, one blank at each end.
 */
struct str command_flat(struct arena *a, struct str text, struct command_tricks *ret);

struct command_rule {
    const char *image;                /* names without ".exe", blank between; NULL: any */
    const char *all[3];               /* each must be there: alternatives parted by '|'; "=word" stands alone */
    uint8_t     stored, ran;          /* enum command_verdict */
    bool        fetch;                /* an address of a known publisher lowers it, a bare public address raises it */
    const char *why, *attack;
};
extern const struct command_rule command_rules[];
extern const size_t command_rule_n;
bool command_fits(const struct command_rule *r, struct str image, struct str flat);

/* Host of an address. *ret_public: a numeric address that is no private one. */
struct str command_host(struct str url, bool *ret_public);
bool command_known_host(struct str host);
/* The next address in a text, from *pos on. */
bool command_next_url(struct str text, size_t *pos, struct str *ret);

#endif
