/*
 * stopped: nodes and the guard. What a node is called there, and what is said of one that brought its readers down.
 */
#include "evidence/ev.h"

#include "base/hash.h"
#include "os/guard.h"

#include <stdio.h>

/* Lengths first: no name can be made to look like the end of another. */
static void push(struct hash *h, struct str s)
{
    char text[32];
    int  n = snprintf(text, sizeof text, "%zu:", s.n);

    hash_push(h, (struct str){ (const uint8_t *)text, (size_t)n });
    hash_push(h, s);
}

uint64_t ev_node_key(const struct ev *v, const struct ev_node *n)
{
    uint8_t      sum[HASH_SHA256_BYTES];
    uint64_t     key = 0;
    struct hash *h = hash_open(HASH_SHA256);

    /* No digest: all nodes share a key, and one bad file may take others with it. That is said as well. */
    if (!h)
        return 0;
    push(h, v->source[n->source].given);
    push(h, n->below);
    push(h, n->entry);
    hash_done(h, sum);
    hash_close(h);
    for (int i = 0; i < 8; i++)
        key = key << 8 | sum[i];
    return key;
}

void ev_node_stopped(struct ev *v, struct ev_node *n)
{
    if (!n->stopped)
        ev_refuse(v, n->path, "parser stopped", "It brought its reader down twice and was left out. Look at it by hand, with care, and please report it.");
    n->stopped = true;
}

bool ev_node_enter(struct ev *v, struct ev_node *n)
{
    uint64_t key = v->guard ? ev_node_key(v, n) : 0;

    if (guard_barred(v->guard, key)) {
        ev_node_stopped(v, n);
        return false;
    }
    guard_enter(v->guard, 0, key, n->path);
    return true;
}

void ev_node_leave(struct ev *v) { guard_leave(v->guard, 0); }
