/* When time alone changes something about a user: of each the earliest timer that was set counts. */
#ifndef CHATFLOW_TIMERS_H
#define CHATFLOW_TIMERS_H

#include "users.h"

typedef struct {
    int64_t at;
    uint32_t who; /* counts only where the user is armed for just then */
} timer;

/* Of those who are due at once. */
typedef struct {
    slice id;
    uint32_t who;
} due_user;

typedef struct {
    timer *all; /* a heap: the earliest first */
    int64_t count, room;
    due_user *due; /* in the order of their ids */
    int64_t due_at, due_count, due_next, due_room;
} timers;

/* Wake for the user then, unless something wakes earlier and will look anew. */
void timers_set(timers *all, users *known, int64_t who, int64_t at);
/* The next one who is due at `now` or before, in the order of time and then of ids, and when that
 * was; -1 where nobody is. */
int64_t timers_next(timers *all, users *known, int64_t now, int64_t *at);
void timers_free(timers *all);

#endif
