/* status_draw: what the team's page and the public one have in common. Text of evidence goes through emit/html.h. */
#ifndef CLI_STATUS_DRAW_H
#define CLI_STATUS_DRAW_H

#include "report/plot.h"
#include "report/tiles.h"

/* A line of a plot's legend. cls: curve .. curve6, dated, dated2, dated3, tested: as it is drawn. */
void draw_key(const struct page *p, const char *cls, const char *name);

/* The map and its table. Rows in their order; values without a tile are in the table only. */
struct draw_country { struct str code; uint64_t n; char text[24]; };   /* text: what the table says; the tile has tile_number(n) */
/* title: "Organisations, verified"; says: for those who do not see it. */
void draw_map(const struct page *p, struct arena scratch, const char *title, const char *count, const struct draw_country *c, size_t n, const char *says);
/* A value of a stratum in a cell, bold: "unknown" for none. */
void draw_value(const struct page *p, const char *label, struct str value);
/* Section's heading with an id made of a campaign's slug. */
void draw_campaign_begin(const struct page *p, struct str slug, struct str title);
void draw_campaign_nav(const struct page *p, const struct str *slug, size_t n);

#endif
