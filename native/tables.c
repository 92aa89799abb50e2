/* What Python asks of the join and tells it, other than to go on. */
#include "join.h"

stop *join_stop(join *all) { return &all->stop; }
taken *join_taken(join *all) { return &all->stored.taken; }
report *join_reported(join *all) { return &all->report; }
candidates *join_candidates(join *all) { return &all->apart; }
candidates *join_take_alike(join *all) { return candidates_take(&all->alike); }
candidates *join_take_apart(join *all) { return candidates_take(&all->apart); }

int64_t join_messages(join *all, const messages *given, int64_t source, int64_t mark,
                      int64_t released) {
    if (source < 0 || source >= all->timeline.source_count) return -1;
    return timeline_messages(&all->timeline, given, source, (limits){mark, released});
}

int64_t join_user_events(join *all, const user_events *given, int64_t source, int64_t mark,
                         int64_t released) {
    if (source < 0 || source >= all->timeline.source_count) return -1;
    return timeline_user_events(&all->timeline, given, source, (limits){mark, released});
}

void join_kind(join *all, const uint8_t *type, int64_t size, int64_t kind) {
    timeline_kind(&all->timeline, (slice){type, size}, (uint32_t)kind);
}

void join_rank(join *all, int64_t source, int64_t rank) {
    timeline_rank(&all->timeline, source, rank);
}

int64_t join_before(const join *all, int64_t end) { return timeline_before(&all->timeline, end); }

/* The last whole second of which something waits, in milliseconds; -1 where nothing does. */
int64_t join_last(const join *all) {
    const timeline *of = &all->timeline;
    return of->first < of->bucket_count ? of->buckets[of->bucket_count - 1].second * 1000 : -1;
}

void join_waiting(const join *all, int64_t *offsets) { timeline_waiting(&all->timeline, offsets); }

/* Slots of which nothing waits any more, at most `room`; they may be given again. */
int64_t join_done(join *all, uint32_t *to, int64_t room) {
    timeline *of = &all->timeline;
    int64_t count = of->done_count < room ? of->done_count : room;
    of->freed = grown(of->freed, &of->freed_room, of->freed_count + count, sizeof *of->freed);
    for (int64_t i = 0; i < count; i++)
        to[i] = of->freed[of->freed_count++] = of->done[--of->done_count];
    return count;
}

/* What Python has found about a user: the sessions' names, and whether a grace is running. */
void join_put(join *all, const uint8_t *id, int64_t size, int64_t leaving, int64_t count,
              const int32_t *sizes, const uint8_t *names, int64_t names_size) {
    given sessions = {count, sizes, names, names_size};
    int64_t who = user_put(&all->users, (slice){id, size}, leaving != 0, sessions, 0);
    if (who >= 0 && count) user_stir(&all->users, who);
}

/* The same, of one who has a single session. */
void join_put_online(join *all, const uint8_t *id, int64_t size, const uint8_t *name,
                     int64_t name_size) {
    int32_t only = (int32_t)name_size;
    join_put(all, id, size, 0, 1, &only, name, name_size);
}

/* The same, of one who has none. */
void join_put_away(join *all, const uint8_t *id, int64_t size, int64_t leaving) {
    join_put(all, id, size, leaving, 0, NULL, NULL, 0);
}

/* Say in `stop` when a user was last active, and which renewals are to be told. */
void join_look(join *all, const uint8_t *id, int64_t size) {
    all->stop.active_at = all->stop.renewals.count = 0;
    int64_t who = ids_find(&all->users.ids, (slice){id, size});
    if (who < 0) return;
    all->stop.active_at = active_at(&all->users.all[who]);
    user_renewals(&all->users.all[who], 0, &all->stop.renewals);
}

int64_t join_active_at(const join *all, const uint8_t *id, int64_t size) {
    int64_t who = ids_find(&all->users.ids, (slice){id, size});
    return who < 0 ? 0 : active_at(&all->users.all[who]);
}

/* As of the last commit, and there is nothing to report of them. */
void join_restore_users(join *all, given *ids, const uint8_t *leaving, const int64_t *active_at,
                        const int32_t *counts, given *names) {
    for (int64_t i = 0; ids->count; i++) {
        given own = *names;
        own.count = counts[i] < names->count ? counts[i] : names->count;
        user_put(&all->users, given_next(ids), leaving[i], own, active_at[i]);
        for (int64_t j = own.count; j > 0; j--) given_next(names);
    }
}

/* The same, of users of whom Python makes nothing yet: see stored.h. */
int64_t join_store_users(join *all, const rows_given *from, int64_t timeout, int64_t grace,
                         int64_t *unread) {
    return stored_add(&all->stored, &all->users, from, (spans){timeout, grace}, unread);
}

int64_t join_take_user(join *all, const uint8_t *id, int64_t size) {
    return stored_take(&all->stored, &all->users, (slice){id, size});
}

int64_t join_take_due(join *all, int64_t now) {
    return stored_take_due(&all->stored, &all->users, now);
}

/* When users were last active, as of the last commit; it counts for those who are online. */
void join_restore_active(join *all, int64_t count, const int32_t *ends, const uint8_t *ids,
                         const int64_t *active_at) {
    for (int64_t i = 0; i < count; i++) {
        slice id = {ids + ends[i], ends[i + 1] - ends[i]};
        int64_t who = ids_find(&all->users.ids, id);
        if (who >= 0 && all->users.all[who].count) all->users.all[who].before = active_at[i];
    }
}

void join_restore_members(join *all, given *group_ids, given *user_ids) {
    while (group_ids->count && user_ids->count)
        group_join(&all->groups, group_of(&all->groups, given_next(group_ids)),
                   given_next(user_ids), 0);
}

void join_list_group(join *all, const uint8_t *id, int64_t size, given *user_ids) {
    group_list(&all->groups, (slice){id, size}, *user_ids);
}
