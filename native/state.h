/* What the join leaves of one user, in MessagePack: `(Person, held)` of dataflows/join_states.py. */
#ifndef CHATFLOW_STATE_H
#define CHATFLOW_STATE_H

#include "person.h"

/* 0 where it is not exactly as this release writes it: then Python is to read it, or to refuse it. */
int state_read(slice state, person *to);

typedef struct {
    uint8_t *at;
    int64_t size, room;
} state_bytes;

/* The same bytes as Python writes. */
void state_write(const person *from, state_bytes *to);

#endif
