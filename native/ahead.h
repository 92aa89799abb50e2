/* The memory that the next events will touch, brought in time: where there are a million users, to
 * wait for it is most of what the join takes. Nothing is decided here. */
#ifndef CHATFLOW_AHEAD_H
#define CHATFLOW_AHEAD_H

#include "join.h"

enum { FAR = 24, MIDDLE = 16, NEAR = 8, NEXT = 4 }; /* events ahead */

static inline void ahead_id(ahead *to, int place, const ids *known, slice text) {
    to->known[place] = text.size && known->cells ? known : NULL;
    if (to->known[place] == NULL) return;
    to->hash[place] = ids_ahead(known, text);
}

static inline void ahead_event(ahead *to, const join *all, const entry *at) {
    const slot *from = &all->timeline.slots[at->slot];
    if (from->user_events) {
        ahead_id(to, 0, &all->roster.users.ids, text_at(&from->user_events->user_id, at->row));
        to->known[1] = NULL;
        return;
    }
    slice group_id = text_at(&from->messages->group_id, at->row);
    ahead_id(to, 0, &all->roster.users.ids, text_at(&from->messages->from_user, at->row));
    if (group_id.size) ahead_id(to, 1, &all->groups.ids, group_id);
    else ahead_id(to, 1, &all->roster.users.ids, text_at(&from->messages->to_user, at->row));
}

/* The id that most likely is the one looked for; NULL where there is none. */
static inline const id *ahead_found(const ahead *to, int place, int64_t *number) {
    const ids *known = to->known[place];
    if (known == NULL || known->cells == NULL) return NULL;
    *number = (int64_t)(uint32_t)known->cells[to->hash[place] & known->mask] - 1;
    return *number < 0 || *number >= known->count ? NULL : &known->all[*number];
}

/* Of one who comes or goes the rules look at the state as well. */
static inline void ahead_state(const ahead *to, const join *all, const entry *at) {
    int64_t number;
    if ((at->kind != OPEN && at->kind != CLOSE) || !ahead_found(to, 0, &number)) return;
    const uint8_t *state = all->roster.users.all[number].state;
    if (state) __builtin_prefetch(state);
}

static inline void ahead_look(const join *all, ahead *ring) {
    const timeline *of = &all->timeline;
    int64_t at = of->at, left = of->now.count - at, number;
    if (left > FAR) ahead_event(&ring[(at + FAR) % RING], all, &of->now.all[at + FAR]);
    if (left > NEXT) ahead_state(&ring[(at + NEXT) % RING], all, &of->now.all[at + NEXT]);
    for (int place = 0; place < 2; place++) {
        const id *found;
        if (left > MIDDLE) {
            found = ahead_found(&ring[(at + MIDDLE) % RING], place, &number);
            if (found) __builtin_prefetch(found);
        }
        if (left <= NEAR) continue;
        const ahead *near = &ring[(at + NEAR) % RING];
        found = ahead_found(near, place, &number);
        if (found == NULL) continue;
        __builtin_prefetch(found->at);
        if (near->known[place] != &all->roster.users.ids) {
            __builtin_prefetch(&all->groups.all[number]);
            continue;
        }
        /* A user is as large as a line of the cache, but need not begin with one. */
        __builtin_prefetch(&all->roster.users.all[number]);
        __builtin_prefetch(&all->roster.users.all[number].state_size);
    }
}

#endif
