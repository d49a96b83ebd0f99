#include "report/tiles.h"

#include <stdio.h>
#include <string.h>

enum { SIDE = 31, STEP = 33 };

const struct tile *tile_of(struct str code)
{
    size_t lo = 0, hi = TILES;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int    c = str_cmp(str_c(tiles_world[mid].code), code);
        if (c == 0)
            return &tiles_world[mid];
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

void tile_number(uint64_t n, char ret[8])
{
    if (n < 1000)
        snprintf(ret, 8, "%u", (unsigned)n);
    else if (n < 9950)
        snprintf(ret, 8, "%.1fk", (double)n / 1000);
    else if (n < 999500)
        snprintf(ret, 8, "%.0fk", (double)n / 1000);
    else
        snprintf(ret, 8, "%s", ">1M");
}

/* 1 to TILES_SHADES, 0: empty. */
static int shade(double n, double most)
{
    int    s = TILES_SHADES;
    double from = most / 3;

    if (!(n > 0))
        return 0;
    while (s > 1 && n < from) {
        from /= 3;
        s--;
    }
    return s;
}

void tiles_draw(const struct page *p, const struct tile_count *c, size_t n, const char *says)
{
    uint8_t at[TILES] = { 0 };
    double  most = 0;

    for (size_t i = 0; i < n; i++)
        if (c[i].tile && c[i].n > most)
            most = c[i].n;
    out_fmt(p->o, "<svg class=\"tilemap\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">", TILES_COLUMNS * STEP, TILES_ROWS * STEP, says);
    for (size_t i = 0; i < n; i++)
        if (c[i].tile)
            at[c[i].tile - tiles_world] = 1;
    for (size_t i = 0; i < TILES; i++)
        if (!at[i])
            out_fmt(p->o, "<rect class=\"m0\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"4\"/><text class=\"away\" x=\"%d\" y=\"%d\">%s</text>", tiles_world[i].column * STEP, tiles_world[i].row * STEP,
                    SIDE, SIDE, tiles_world[i].column * STEP + SIDE / 2, tiles_world[i].row * STEP + 20, tiles_world[i].code);
    for (size_t i = 0; i < n; i++) {
        const struct tile *t = c[i].tile;
        if (!t)
            continue;
        out_fmt(p->o, "<rect class=\"m%d\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"4\"/>", shade(c[i].n, most), t->column * STEP, t->row * STEP, SIDE, SIDE);
        out_fmt(p->o, "<text class=\"n%d\" x=\"%d\" y=\"%d\">%s</text><text class=\"n%d num\" x=\"%d\" y=\"%d\">%s</text>", shade(c[i].n, most), t->column * STEP + SIDE / 2, t->row * STEP + 12, t->code,
                shade(c[i].n, most), t->column * STEP + SIDE / 2, t->row * STEP + 25, c[i].text);
    }
    out_c(p->o, "</svg>\n");
}
