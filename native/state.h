/* What the join left of one user, in MessagePack: `(Person, held)` of dataflows/join_states.py. */
#ifndef CHATFLOW_STATE_H
#define CHATFLOW_STATE_H

#include "names.h"

/* Milliseconds: how long sessions live without a sign, and how long a grace lasts. */
typedef struct {
    int64_t timeout, grace;
} spans;

/* What C needs of a user; the names are copies, to be used again for the next one. */
typedef struct {
    int64_t due; /* then something changes with time alone: `next_due` of dataflows/status.py */
    int is_leaving;
    int64_t session_count;
    int32_t *sizes; /* of the sessions' names */
    uint8_t *names;
    int64_t used, size_room, name_room;
} person;

/* 0 where it is not exactly as this release writes it: then Python is to read it, or to refuse it. */
int person_read(slice state, spans of, person *to);
void person_free(person *all);

static inline given person_names(const person *of) {
    return (given){of->session_count, of->sizes, of->names, of->used};
}

#endif
