/* Which message ids were seen lately in one partition, against what a producer's retry sends twice.
 * The same as `dataflows/repeats.py` does without this library. */
#ifndef CHATFLOW_SEEN_H
#define CHATFLOW_SEEN_H

#include "texts.h"

typedef struct {
    hash128 id;
    int64_t at; /* NEVER where there is none */
} sighting;

typedef struct {
    sighting *all;
    int64_t room; /* a power of two; at most three quarters are taken */
    int64_t count;
    int64_t clock;
    int64_t pruned_at;
    int64_t horizon;
} seen;

void seen_begin(seen *ids, int64_t horizon);
void seen_end(seen *ids);

/* An id as it was stored, with its event time; in offset order, before any other is looked for. */
void seen_restore(seen *ids, slice id, int64_t event_time);

/* Whether the message is one that was seen within the horizon; remembers it if not. */
int seen_again(seen *ids, slice id, int64_t event_time);

#endif
