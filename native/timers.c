#include "timers.h"

static void add(timers *all, timer one) {
    all->all = grown(all->all, &all->room, all->count + 1, sizeof *all->all);
    int64_t i = all->count++;
    for (; i > 0 && all->all[(i - 1) / 2].at > one.at; i = (i - 1) / 2)
        all->all[i] = all->all[(i - 1) / 2];
    all->all[i] = one;
}

static timer take(timers *all) {
    timer first = all->all[0], last = all->all[--all->count];
    int64_t i = 0;
    for (int64_t next; (next = 2 * i + 1) < all->count; i = next) {
        if (next + 1 < all->count && all->all[next + 1].at < all->all[next].at) next++;
        if (all->all[next].at >= last.at) break;
        all->all[i] = all->all[next];
    }
    all->all[i] = last;
    return first;
}

void timers_set(timers *all, users *known, int64_t who, int64_t at) {
    user *of = &known->all[who];
    if (at >= of->armed) return;
    of->armed = at;
    add(all, (timer){at, (uint32_t)who});
}

static int by_id(const void *one, const void *other) {
    return order_of(((const due_user *)one)->id, ((const due_user *)other)->id);
}

/* All who are due at the next instant: to order them only then costs less than to keep them so. */
static int gather(timers *all, users *known, int64_t now) {
    all->due_next = all->due_count = 0;
    while (all->due_count == 0) {
        if (all->count == 0 || all->all[0].at > now) return 0;
        all->due_at = all->all[0].at;
        while (all->count && all->all[0].at == all->due_at) {
            uint32_t who = take(all).who;
            if (known->all[who].armed != all->due_at) continue;
            known->all[who].armed = UNARMED;
            int64_t place = all->due_count++;
            all->due = grown(all->due, &all->due_room, place + 1, sizeof *all->due);
            all->due[place] = (due_user){id_text(&known->ids, who), who};
        }
    }
    if (all->due_count > 1) qsort(all->due, (size_t)all->due_count, sizeof *all->due, by_id);
    return 1;
}

int64_t timers_next(timers *all, users *known, int64_t now, int64_t *at) {
    if (all->due_next == all->due_count && !gather(all, known, now)) return -1;
    *at = all->due_at;
    return all->due[all->due_next++].who;
}

void timers_free(timers *all) {
    free(all->all);
    free(all->due);
}
