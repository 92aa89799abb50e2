/* Users as the store has them: most are only looked at, so nothing is made of their states until
 * something happens to them. Python takes a state when it asks, or when its time has come. */
#ifndef CHATFLOW_STORED_H
#define CHATFLOW_STORED_H

#include "state.h"
#include "users.h"

/* Keys and states, as they stand in columns. Python mirrors it in `native/join_structures.py`. */
typedef struct {
    int64_t count;
    const int32_t *key_ends;
    const uint8_t *keys;
    const int32_t *state_ends;
    const uint8_t *states;
} rows_given;

typedef struct {
    uint8_t *at; /* the state; NULL: it was taken */
    uint32_t size;
    uint32_t who;
} one_stored;

typedef struct {
    int64_t at;
    uint32_t place; /* in `all` */
} stored_due_at;

/* What Python reads; it mirrors it in `native/join_structures.py`. */
typedef struct {
    int64_t left;    /* users whose states nobody has taken */
    int64_t present; /* of those: online, or in their grace */
    slice id;        /* of whom was taken last */
    slice state;
} taken;

typedef struct {
    taken taken;
    one_stored *all;
    int64_t count, room;
    stored_due_at *due; /* a heap: the earliest first; some were taken meanwhile */
    int64_t due_count, due_room;
    person person; /* the one that is read */
    uint8_t *copies; /* what `taken` points to */
    int64_t copy_room;
} stored;

/* Take note of users; returns how many Python has to read itself, whose rows are then in `unread`. */
int64_t stored_add(stored *all, users *known, const rows_given *from, spans of, int64_t *unread);
/* Say in `taken` what the store has of a user, and forget it; 0 where there is nothing, or Python
 * has it already. What `taken` points to stays until the next time. */
int stored_take(stored *all, users *known, slice id);
/* The same, of a user for whom something is due at `now` or before, while there is any. */
int stored_take_due(stored *all, users *known, int64_t now);
/* When the first of them is due; INT64_MAX where nobody is. */
int64_t stored_due(stored *all);
void stored_free(stored *all);

#endif
