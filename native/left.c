#include "left.h"

enum { LARGE = 1 << 28 }; /* bytes */

static void add_text(texts *to, int64_t row, slice text) {
    text_add_bounded(to, row, text, "a user");
}

static void widen(left *all) {
    int64_t room = all->room = all->room * 2 + 64;
    all->sessions = resized(all->sessions, (size_t)room * sizeof *all->sessions);
    int64_t **columns[] = {&all->since, &all->last_seen, &all->active_at};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        *columns[i] = resized(*columns[i], (size_t)room * sizeof **columns[i]);
}

typedef struct {
    slice user_id, status;
    int64_t sessions, since, last_seen, active_at;
} present;

static void add_present(left *to, present one) {
    if (to->count == to->room) widen(to);
    int64_t row = to->count++;
    add_text(&to->user_id, row, one.user_id);
    add_text(&to->status, row, one.status);
    to->sessions[row] = (int32_t)one.sessions;
    to->since[row] = one.since;
    to->last_seen[row] = latest(one.last_seen, one.active_at);
    to->active_at[row] = one.active_at;
}

/* Of those who are known again there is more to say, if they were seen online since. */
static void take_forgotten(left *to, roster *all) {
    while (all->forgotten_count) {
        forgotten last = all->forgotten[--all->forgotten_count];
        user *of = &all->users.all[last.who];
        if (!of->is_forgotten) continue;
        of->is_forgotten = 0;
        roster_load(all, last.who);
        if (all->person.since) continue;
        slice id = id_text(&all->users.ids, last.who);
        add_present(to, (present){id, word("offline"), 0, last.since, last.last_seen, 0});
    }
}

static void take_user(left *to, roster *all, int64_t who) {
    user *of = &all->users.all[who];
    slice id = id_text(&all->users.ids, who);
    int is_active = of->count && of->recent != NEVER;
    if (of->recent > of->before) of->before = of->recent;
    of->recent = NEVER;
    roster_load(all, who);
    if (of->is_touched) {
        add_text(&to->keys, to->state_count, id);
        add_text(&to->states, to->state_count++, (slice){of->state, of->state_size});
    }
    const person *found = &all->person;
    if (!found->since || !(of->is_touched || is_active)) return;
    int64_t active = of->count ? of->before : 0;
    add_present(to, (present){id, found->status, of->count, found->since, found->last_seen, active});
}

left *left_take(roster *all) {
    users *from = &all->users;
    if (from->stirred_count == 0) return NULL;
    left *to = reserved(1, sizeof *to);
    take_forgotten(to, all);
    while (from->stirred_count && to->states.used + to->keys.used < LARGE) {
        int64_t who = from->stirred[--from->stirred_count];
        take_user(to, all, who);
        from->all[who].is_touched = from->all[who].is_told = 0;
        user_leave(from, who);
    }
    return to;
}

void left_drop(left *taken) {
    texts *columns[] = {&taken->keys, &taken->states, &taken->user_id, &taken->status};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) texts_free(columns[i]);
    void *numbers[] = {taken->sessions, taken->since, taken->last_seen, taken->active_at};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) free(numbers[i]);
    free(taken);
}
