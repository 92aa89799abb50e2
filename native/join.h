/* Messages and presence, joined in order of time, as far as Python's rules are not needed.
 *
 * `join_run` goes on until there is something that only Python knows how to do, and says in `stop`
 * what; Python does it, says with `join_put` what came of it, and lets it go on. */
#ifndef CHATFLOW_JOIN_H
#define CHATFLOW_JOIN_H

#include "candidates.h"
#include "groups.h"
#include "stored.h"
#include "timeline.h"

enum { DONE, EVENT, TIMERS, FULL }; /* why it stops */

/* Python mirrors these structures in `native/join_structures.py`: change both. */
typedef struct {
    int64_t time; /* event time that has come */
    int64_t source; /* of the event */
    int64_t active_at; /* of its user, or of whom Python asked about */
    const uint8_t *event; /* packed as by `pack_user_event` */
    int64_t event_size;
    renewals renewals; /* of its user, or of whom Python asked about */
} stop;

/* What Python writes down at the end of an epoch. */
typedef struct {
    names who;        /* online, and something became known of them */
    int64_t *active_at;
    uint8_t *is_active; /* sent or typed something since the last report */
    renewals renewals;
    names groups;     /* of each membership that changed */
    names members;
    uint8_t *is_member;
    int64_t at_room, active_room, member_room;
} report;

/* Of one event to come: up to two ids that will be looked for. */
typedef struct {
    const ids *known[2];
    uint64_t hash[2];
} ahead;

enum { RING = 32 };

typedef struct {
    stop stop;
    candidates alike; /* for whom one reason holds, whatever it is */
    candidates apart; /* of whom some are in their grace or the sender, or it is about a call */
    report report;
    users users;
    stored stored;
    groups groups;
    timeline timeline;
    int64_t time;    /* how far time has come */
    int64_t instant; /* of the event that was last begun with */
    int is_inside;   /* of `instant` something has been looked at */
    int is_late;
    int64_t event_room;
    ahead ring[RING]; /* event `i` of what is handed out at present at i % RING */
} join;

join *join_new(void);
void join_free(join *all);
/* Look at events before `end`, a whole second, until Python is needed; `time` is how far it has
 * come, and at `due` something of a user changes with time alone. */
int64_t join_run(join *all, int64_t end, int64_t time, int64_t due);

#endif
