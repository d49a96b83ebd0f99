/*
 * task: a scheduled task: the XML of System32\Tasks, or the older .job file.
 *
 * Shape    what it runs (actions, in order), when (kinds of triggers), as whom, and what it says of itself. Times are as written: local, or with
 *          an offset; whoever can write a task writes what he likes there.
 * Bounds   TASK_ACTIONS_MAX, TASK_TRIGGERS_MAX; more: `damaged`. XML: those of formats/xml. A .job: TASK_JOB_MAX bytes.
 * Errors   ERR_FORMAT: neither a Task element nor the head of a .job. Others as xml_parse. What is cut leaves its fields empty and sets `damaged`.
 * Owner    the arena; UTF-8.
 * Not done schedules beyond their kind, start and interval; the registry's copy of a task.
 * Source   [MS-TSCH] 2.3 (XML), 2.4 (.job); ways back in, 6.1.
 */
#ifndef FORMATS_TASK_H
#define FORMATS_TASK_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { TASK_ACTIONS_MAX = 32, TASK_TRIGGERS_MAX = 48, TASK_JOB_MAX = 1 << 20 };

enum task_does { TASK_EXEC, TASK_COM, TASK_OTHER };            /* TASK_OTHER: a mail or a message */
struct task_action { enum task_does does; struct str command, arguments, directory, class_id, data; };
struct task_trigger { struct str kind, start, interval; };     /* "BootTrigger", "2021-03-03T02:20:00", "PT45M" */

struct task {
    struct str uri, author, date, source, description;
    struct str user;                 /* "S-1-5-18", "BAKERY\\admin"; a group where it names one; empty: none written */
    bool       highest, hidden, disabled, job;
    struct task_action  action[TASK_ACTIONS_MAX];   size_t action_n;
    struct task_trigger trigger[TASK_TRIGGERS_MAX]; size_t trigger_n;
    bool       damaged;
    char       what[120];            /* the first trouble */
};

bool task_parse(struct task *ret, struct arena *a, struct str in, struct err *e);

/* Runs as the computer itself. */
bool task_as_system(const struct task *t);

#endif
