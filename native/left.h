/* What an epoch leaves of users, as columns that the database takes over. */
#ifndef CHATFLOW_LEFT_H
#define CHATFLOW_LEFT_H

#include "roster.h"

/* Python mirrors it in `native/join_structures.py`: change both. */
typedef struct {
    int64_t state_count; /* rows of `flow_state` */
    texts keys;
    texts states; /* empty: of somebody who is forgotten */
    int64_t count; /* rows of `presence` */
    texts user_id, status;
    int32_t *sessions;
    int64_t *since, *last_seen, *active_at; /* the last one is 0 where it is not known */
    int64_t room;
} left;

/* Users of whom something changed since the last time, to be freed with `left_drop`; NULL where
 * nothing is left. To be asked until then: no column may pass 2 GiB. */
left *left_take(roster *all);
void left_drop(left *taken);

#endif
