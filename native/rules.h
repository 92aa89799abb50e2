/* What events and time do to one user: the rules of dataflows/sessions.py and dataflows/status.py,
 * which say why. Change both; tests hold one against the other. */
#ifndef CHATFLOW_RULES_H
#define CHATFLOW_RULES_H

#include "person.h"

enum { NAME_ROOM = 32 }; /* for "worker-" and a number */

/* An event that opens or closes sessions. */
typedef struct {
    int64_t at;
    slice session_id; /* may be missing */
    maybe worker_id, connection_time;
    slice name;               /* of the session it speaks of; set by the rules */
    uint8_t made[NAME_ROOM]; /* what names may point to */
} turn;

/* Milliseconds: how long sessions live without a sign, and how long a grace lasts. */
typedef struct {
    int64_t timeout, grace;
} spans;

void person_opened(person *of, turn *by);
void person_closed(person *of, turn *by);
void person_renewed(person *of, int64_t place, int64_t at);
/* Returns whether any session was over. */
int person_expired(person *of, int64_t active_at, int64_t now, int64_t timeout);
/* No grace is running any more. */
void person_published(person *of, slice status, int64_t at);
int person_is_forgettable(const person *of, int64_t now, int64_t timeout);
/* When time alone changes something. */
int64_t person_due(const person *of, int64_t active_at, spans);

/* No instant is later than the last one. */
static inline int64_t later(int64_t at, int64_t by) {
    int64_t sum;
    return __builtin_add_overflow(at, by, &sum) ? INT64_MAX : sum;
}

static inline int64_t latest(int64_t a, int64_t b) { return a > b ? a : b; }

#endif
