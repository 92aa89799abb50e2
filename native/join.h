/* Messages and presence, joined in order of time. */
#ifndef CHATFLOW_JOIN_H
#define CHATFLOW_JOIN_H

#include "candidates.h"
#include "groups.h"
#include "roster.h"
#include "timeline.h"

enum { DONE, FULL }; /* why it stops: what was found is to be fetched before it goes on */

/* Memberships that changed, for Python, which mirrors it in `native/join_structures.py`. */
typedef struct {
    names groups;
    names members;
    uint8_t *is_member;
    int64_t room;
} memberships;

/* Of one event to come: up to two ids that will be looked for. */
typedef struct {
    const ids *known[2];
    uint64_t hash[2];
} ahead;

enum { RING = 32 };

typedef struct {
    candidates alike; /* for whom one reason holds, whatever it is */
    candidates apart; /* of whom some are in their grace or the sender, or it is about a call */
    memberships memberships;
    roster roster;
    groups groups;
    timeline timeline;
    coordinates *sources; /* topic and partition of each, by its number */
    int64_t source_count, source_room;
    int64_t time;    /* how far time has come */
    int64_t instant; /* of the event that was last begun with */
    int is_inside;   /* of `instant` something has been looked at */
    int is_firing;   /* before that, something may be due */
    int is_late;
    ahead ring[RING]; /* event `i` of what is handed out at present at i % RING */
} join;

join *join_new(int64_t timeout, int64_t grace);
void join_free(join *all);
/* Look at events before `end`, a whole second; `time` is how far it has come. */
int64_t join_run(join *all, int64_t end, int64_t time);
/* Let time pass: what is due up to `now` happens. */
int64_t join_advance(join *all, int64_t now);

#endif
