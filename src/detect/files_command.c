/*
 * files_command: command lines that files hold (what was typed, what is started), told by the judgement of detect/command.
 *
 * Rule 1   one fact for each file and reason, with the first line cited and the number of others: who types one thing a thousand times says it once.
 * Rule 2   what somebody typed accuses nobody of a way back: it is a note, whatever it says. But a command that writes passwords to a file makes
 *          them unproven, since nobody can say who has the file.
 */
#include "detect/files_command.h"

#include "base/num.h"

#include <string.h>

static bool writes_passwords(const struct command *cmd)
{
    for (size_t i = 0; i < cmd->attack_n; i++)
        if (!strncmp(cmd->attack[i], "T1003.00", 8))
            return true;
    return false;
}

bool files_lines_judge(struct files_lines *l, struct files_context *c, struct str line, enum command_from from, uint64_t number, int64_t time_us, struct arena scratch, struct err *e)
{
    struct command cmd;

    line = str_trim(line);
    if (line.n < 3 || l->judged >= FILES_LINES_MAX)
        return true;
    l->judged++;
    if (!command_judge(&cmd, &scratch, line, from, c->ev->system_drive, e))
        return false;
    if (cmd.verdict == COMMAND_ORDINARY || cmd.reason_n == 0)
        return true;
    size_t k = 0;
    while (k < l->n && (l->row[k].why != cmd.reason[0].why))
        k++;
    if (k == FILES_REASONS_MAX)
        return true;
    if (k == l->n) {
        struct str all = command_why(&scratch, &cmd);
        l->row[l->n++] = (struct files_line){ .why = cmd.reason[0].why, .verdict = cmd.verdict, .number = number, .time_us = time_us, .passwords = writes_passwords(&cmd),
                                              .text = files_quote(c, line), .image = str_dup(c->keep, cmd.image.p ? cmd.image : STR("")),
                                              .target = str_dup(c->keep, cmd.target.p ? cmd.target : STR("")), .all = str_dup(c->keep, all.p ? all : str_c(cmd.reason[0].why)) };
        for (size_t i = 0; i < cmd.attack_n && i < COUNT_OF(l->row[k].attack); i++)
            l->row[k].attack[l->row[k].attack_n++] = cmd.attack[i];
    }
    struct files_line *row = &l->row[k];
    row->count++;
    row->verdict = cmd.verdict > row->verdict ? cmd.verdict : row->verdict;
    return true;
}

struct file_fact *files_line_fact(struct files_context *c, const struct ev_node *n, const struct files_line *row, enum file_fact_kind kind, const char *detector, const char *title, const char *lead)
{
    bool         sure = row->verdict == COMMAND_ACCUSE;
    struct file_fact *f = !files_may_tell(c, TOLD_TYPED) ? NULL : files_fact_at(c, n, kind, detector, sure ? SEV_HIGH : SEV_LOW, sure ? 0.85 : 0.4);

    if (!f)
        return NULL;
    f->title = str_c(title);
    f->why   = row->count > 1 ? files_text(c, "%s %.*s %u lines are of this kind; the first is cited.", lead, STR_ARG(row->all), row->count)
                              : files_text(c, "%s %.*s", lead, STR_ARG(row->all));
    f->url          = STR_EMPTY;
    f->time_us      = row->time_us;
    f->cite.line    = row->number;
    f->cite.excerpt = row->text;
    if (row->time_us != TIME_NONE)
        f->cite.time_us = row->time_us;
    for (size_t i = 0; i < row->attack_n; i++)
        files_attack(f, row->attack[i]);
    return f;
}

void files_lines_typed(struct files_context *c, const struct ev_node *n, const struct files_lines *l, const char *detector, const char *title, const char *lead)
{
    for (size_t i = 0; i < l->n; i++) {
        bool         secret = l->row[i].passwords && l->row[i].verdict == COMMAND_ACCUSE;
        struct file_fact *f = files_line_fact(c, n, &l->row[i], secret ? FILE_FACT_SECRET : FILE_FACT_NOTE, detector, secret ? "A command that writes passwords to a file" : title, lead);
        if (!f || !secret)
            continue;
        f->what  = STR("dump_command");
        f->state = THING_UNKNOWN;
    }
}
