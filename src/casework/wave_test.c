#include "test.h"

#include "base/num.h"
#include "casework/wave.h"

#include <math.h>

static const struct wave_dates none = { WAVE_DAY_NONE, WAVE_DAY_NONE, WAVE_DAY_NONE, WAVE_DAY_NONE };
/* Days from 1 January 2021: reported on 5 January, fixed on 2 March, code public on 10 March. */
static const struct wave_dates proxylogon = { WAVE_DAY_NONE, 4, 60, 68 };

static uint32_t poisson(uint32_t *seed, double mean)
{
    double   l = exp(-mean), p = 1;
    uint32_t k = 0;

    do {
        *seed = *seed * 1664525 + 1013904223;
        p *= ((*seed >> 8) + 0.5) / 16777216.0;
        k++;
    } while (p > l && k < 500);
    return k - 1;
}

static size_t series(struct wave_day *d, uint32_t seed, int32_t from, int32_t turn, int32_t to, double before, double after)
{
    size_t n = 0;

    for (int32_t day = from; day <= to; day++) {
        uint32_t k = poisson(&seed, day < turn ? before : after);
        if (k)
            d[n++] = (struct wave_day){ day, k };
    }
    return n;
}

static void phases(void **state)
{
    static const struct wave_day d[] = { { 2, 1 }, { 4, 2 }, { 59, 3 }, { 60, 4 }, { 68, 5 }, { 90, 6 } };
    struct wave w = wave_of(d, COUNT_OF(d), &proxylogon);

    (void)state;
    CHECK(w.servers == 21 && w.phase[0] == 1 && w.phase[1] == 5 && w.phase[2] == 4 && w.phase[3] == 11 && w.first == 2 && w.last == 90 && w.peak == 90 && w.peak_n == 6 && !w.few);
    w = wave_of(d, COUNT_OF(d), &none);
    CHECK(w.phase[0] == 21 && !w.phase_known[0]);
    w = wave_of(d, 3, &(struct wave_dates){ WAVE_DAY_NONE, WAVE_DAY_NONE, 4, WAVE_DAY_NONE });
    CHECK(w.few && w.phase[0] == 1 && w.phase[2] == 5 && w.phase_known[0] && !w.phase_known[1] && w.phase_known[2] && w.spike_n == 0 && !w.widespread);
    w = wave_of(NULL, 0, &proxylogon);
    CHECK(w.servers == 0 && w.few && w.first == WAVE_DAY_NONE);
    for (int i = 0; i < WAVE_WHATS; i++)
        CHECK(wave_what_name((enum wave_what)i)[0] != '?');
    for (int i = 0; i < WAVE_PHASES; i++)
        CHECK(wave_phase_name((enum wave_phase)i)[0] != '?');
    CHECK(wave_what_name(WAVE_WHATS)[0] == '?' && wave_phase_name(WAVE_PHASES)[0] == '?');
}

/* A few a week, then everybody within days: the turn is found to within two days, whatever the chance. */
static void turns(void **state)
{
    struct wave_day d[128];
    int             found = 0, near = 0;

    (void)state;
    for (uint32_t seed = 1; seed <= 100; seed++) {
        size_t      n = series(d, seed, 2, 57, 66, 0.3, 12);
        struct wave w = wave_of(d, n, &proxylogon);
        found += w.widespread;
        near += w.widespread && w.from >= 55 && w.from <= 59;
        CHECK(!w.widespread || (w.after > w.before && w.ratio_low > 5 && w.ratio_low < w.after / (w.before > 0 ? w.before : 0.001)));
    }
    CHECK(found == 100);
    CHECK(near >= 97);
    /* Five days of it are no turn by themselves; after two months in which nobody was hit, they are. */
    static const struct wave_day five[] = { { 59, 9 }, { 60, 18 }, { 61, 19 }, { 62, 15 }, { 63, 31 } };
    CHECK(!wave_of(five, COUNT_OF(five), &proxylogon).widespread);
    struct wave_dates known = proxylogon;
    known.begun = 2;
    struct wave w = wave_of(five, COUNT_OF(five), &known);
    CHECK(w.widespread && w.from == 59 && w.before <= 0 && w.after > 18 && w.ratio_low > 100);
    CHECK(w.spike_n == 1 && w.spike[0].from == 59 && w.spike[0].to == 63 && w.spike[0].day == 63 && w.spike[0].n == 31);
    /* Everybody from the first day on, or one steady trickle: no turn is claimed but by rare chance. */
    found = 0;
    for (uint32_t seed = 1; seed <= 200; seed++) {
        size_t n = series(d, seed * 7919, 0, 0, 60, 0, 4);
        found += wave_of(d, n, &proxylogon).widespread;
    }
    CHECK(found <= 2);
}

static void spikes(void **state)
{
    static const struct { const char *why; struct wave_day d[6]; size_t n; size_t spikes; int32_t first; } c[] = {
        { "40 at once after nobody", { { 10, 40 } }, 1, 1, 10 },
        { "4 at once are too few to call it so", { { 1, 4 }, { 20, 4 }, { 40, 4 }, { 60, 4 }, { 80, 4 } }, 5, 0, 0 },
        { "5 after nobody", { { 1, 5 }, { 30, 5 }, { 60, 5 }, { 90, 5 } }, 4, 4, 1 },
        { "nineteen servers: too few to say anything", { { 10, 19 } }, 1, 0, 0 },
    };
    struct wave_day d[128];
    int             false_alarms = 0, told = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct wave w = wave_of(c[i].d, c[i].n, &none);
        CHECK_WHY(w.spike_n == c[i].spikes && (!w.spike_n || w.spike[0].day == c[i].first), c[i].why);
    }
    /* Chance alone: 100 series of 90 days at 20 a day. The first days come after nobody, and are spikes by the rule; later ones are false. */
    for (uint32_t seed = 1; seed <= 100; seed++) {
        size_t      n = series(d, seed, 0, 0, 90, 0, 20);
        struct wave w = wave_of(d, n, &none);
        for (size_t i = 0; i < w.spike_n; i++)
            false_alarms += w.spike[i].day > 14;
    }
    CHECK(false_alarms <= 8);                  /* of 7,600 days */
    for (uint32_t seed = 1; seed <= 100; seed++) {
        size_t      n = series(d, seed, 0, 0, 90, 0, 20);
        for (size_t i = 0; i < n; i++)
            if (d[i].day == 50)
                d[i].n = 60;
        struct wave w = wave_of(d, n, &none);
        for (size_t i = 0; i < w.spike_n; i++)
            told += w.spike[i].day == 50;
        for (size_t i = 1; i < w.spike_n; i++)
            CHECK(w.spike[i].day > w.spike[i - 1].day);
    }
    CHECK(told >= 99);
    /* More spikes than are kept: the strongest. */
    for (int i = 0; i < 40; i++)
        d[i] = (struct wave_day){ i * 40, 10 + i };
    struct wave w = wave_of(d, 40, &none);
    CHECK(w.spike_n == WAVE_SPIKES && w.spike[0].n == 50 - WAVE_SPIKES && w.spike[WAVE_SPIKES - 1].n == 49);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(phases), cmocka_unit_test(turns), cmocka_unit_test(spikes) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
