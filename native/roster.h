/* The users of the only shard: what comes of events and of time, as in dataflows/roster.py. */
#ifndef CHATFLOW_ROSTER_H
#define CHATFLOW_ROSTER_H

#include "candidates.h"
#include "changes.h"
#include "rules.h"
#include "state.h"
#include "timers.h"

/* How many users there are; Python reads it as two numbers. */
typedef struct {
    int64_t present; /* online, or in their grace */
    int64_t known;
} counts;

/* A user forgotten since the last report, as far as it is to be told. */
typedef struct {
    uint32_t who;
    int64_t since, last_seen;
} forgotten;

typedef struct {
    users users;
    timers timers;
    spans spans;
    changes changes;
    counts counts;
    candidates *apart; /* where it is said that a grace is over */
    forgotten *forgotten;
    int64_t forgotten_count, forgotten_room;
    person person; /* the one that something happens to */
    state_bytes packed;
} roster;

/* Keys and states, as they stand in columns. Python mirrors it in `native/join_structures.py`. */
typedef struct {
    int64_t count;
    const int32_t *key_ends;
    const uint8_t *keys;
    const int32_t *state_ends;
    const uint8_t *states;
} rows_given;

/* Take note of users as the store has them, or, where `is_touched`, as it is to have them. Returns
 * how many are not as `state_read` wants them; their rows are then in `unread`. */
int64_t roster_store(roster *all, const rows_given *from, int is_touched, int64_t *unread);
/* Sessions were opened, or closed, by the record at these coordinates. */
void roster_turn(roster *all, slice id, turn *by, coordinates at, int is_opening);
/* Let what is due happen up to `now`; returns 0 where something has to be fetched before. */
int roster_fire(roster *all, int64_t now);
/* Read into `person` what is known of the user, with what is not in the state yet. */
void roster_load(roster *all, int64_t who);
void roster_free(roster *all);

#endif
