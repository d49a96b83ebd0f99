/*
 * judge: from the uses that flow.h found to grades: what the request can do through each, and what the page is by all of them together.
 *
 * Shape    a table of rules by sink; each looks at the marks of the roles. Nothing here knows a language, a sample or a name.
 * Owner    results in `keep`.
 * Source   ways back in, 1.4; the verdict's definition in analyse.h.
 */
#ifndef WEBSHELL_JUDGE_H
#define WEBSHELL_JUDGE_H

#include "webshell/analyse.h"
#include "webshell/flow.h"

struct judged {
    const struct use *use;
    enum page_verdict grade;
    enum page_what    what;
    char              lead;          /* role letter whose way is told */
    const char       *text;          /* one sentence, ours */
};

/* The gravest first, at most ANALYSE_FLOWS_MAX, one for each sink and line. */
struct verdict_of_page { struct judged flow[ANALYSE_FLOWS_MAX]; size_t n; enum page_verdict verdict; enum page_what what; double confidence; };
/* One more, and what it says of the page. */
void judge_add(struct verdict_of_page *v, struct judged j);
void judge_page(struct verdict_of_page *ret, const struct flow *f);
/* NULL: not there. */
const struct val *judge_role(const struct use *u, char letter);
/* The marks of a role that can carry orders: a number made of them cannot. */
uint32_t judge_marks(const struct use *u, char letter);
/* Said by the request, and nothing fixed before it that holds it in a place. */
bool judge_free_choice(const struct use *u, char letter);
/* What several uses mean together (judge_many.c). */
void judge_together(struct verdict_of_page *v, const struct flow *f);

#endif
