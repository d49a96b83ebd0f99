/*
 * probe_order: the numbers 0..n-1 in an order that a seed gives, without a list of them.
 *
 * Shape    a permutation: probe_order_at(o, 0) .. probe_order_at(o, n - 1) are all of them, each once. The same seed and n give the same order on any machine.
 *          Neighbours in number (addresses of one network) lie far apart: loads spread over networks.
 * How      a Feistel network of six rounds over the next even power of two, stepped again while it leads outside (at most three extra steps on average).
 *          Not meant to hide the order from anybody.
 * Source   Black and Rogaway, "Ciphers with arbitrary finite domains", 2002 (cycle walking); the round function is the finaliser of SplitMix64.
 */
#ifndef SURVEY_PROBE_ORDER_H
#define SURVEY_PROBE_ORDER_H

#include <stdint.h>

enum { PROBE_ORDER_ROUNDS = 6 };

struct probe_order {
    uint64_t n, mask;
    unsigned half;                       /* bits of each half */
    uint64_t key[PROBE_ORDER_ROUNDS];
};

/* n up to 2^62. */
void probe_order_make(struct probe_order *ret, uint64_t n, uint64_t seed);
uint64_t probe_order_at(const struct probe_order *o, uint64_t i);     /* i < n */

#endif
