/* What Python asks of the join and tells it, other than to go on. */
#include "join.h"
#include "left.h"

memberships *join_memberships(join *all) { return &all->memberships; }
counts *join_counts(join *all) { return &all->roster.counts; }
candidates *join_take_alike(join *all) { return candidates_take(&all->alike); }
candidates *join_take_apart(join *all) { return candidates_take(&all->apart); }
changes *join_take_changes(join *all) { return changes_take(&all->roster.changes); }
left *join_take_left(join *all) { return left_take(&all->roster); }

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

/* The next source: its number is how many there were. */
void join_source(join *all, const uint8_t *topic, int64_t size, int64_t partition) {
    int64_t place = all->source_count++;
    all->sources = grown(all->sources, &all->source_room, place + 1, sizeof *all->sources);
    uint8_t *copy = resized(NULL, (size_t)size);
    memcpy(copy, topic, (size_t)size);
    all->sources[place] = (coordinates){{copy, size}, {partition, 1}, {0, 0}};
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

/* Users as they were left, or, where `is_touched`, as they are to be left. */
int64_t join_store_users(join *all, const rows_given *from, int64_t is_touched, int64_t *unread) {
    return roster_store(&all->roster, from, is_touched != 0, unread);
}

/* A message waits for the end of this user's grace. */
void join_hold(join *all, const uint8_t *id, int64_t size) {
    int64_t who = user_of(&all->roster.users, (slice){id, size});
    all->roster.users.all[who].holds = 1;
}

/* The state of a user: how long it is, and where it stands until something happens; 0: none. */
int64_t join_state(join *all, const uint8_t *id, int64_t size, const uint8_t **state) {
    int64_t who = ids_find(&all->roster.users.ids, (slice){id, size});
    if (who < 0) return 0;
    roster_load(&all->roster, who);
    *state = all->roster.users.all[who].state;
    return all->roster.users.all[who].state_size;
}

/* When users were last active, as of the last commit; it counts for those who are online. */
void join_restore_active(join *all, int64_t count, const int32_t *ends, const uint8_t *ids,
                         const int64_t *active_at) {
    for (int64_t i = 0; i < count; i++) {
        int64_t who = ids_find(&all->roster.users.ids, slice_at(ids, ends, i));
        if (who >= 0 && all->roster.users.all[who].count) all->roster.users.all[who].before = active_at[i];
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

static void take_membership(join *all, int64_t group, int64_t who) {
    memberships *to = &all->memberships;
    names_add(&to->groups, id_text(&all->groups.ids, group));
    names_add(&to->members, id_text(&all->roster.users.ids, who));
    int64_t count = to->members.count;
    to->is_member = grown(to->is_member, &to->room, count, sizeof *to->is_member);
    to->is_member[count - 1] = (uint8_t)group_has(&all->groups, group, who);
    all->roster.users.all[who].kept--;
    user_leave(&all->roster.users, who);
}

/* Say in `memberships` what has changed since the last time. */
void join_take_memberships(join *all) {
    pairs *changed = &all->groups.changed;
    names_clear(&all->memberships.groups);
    names_clear(&all->memberships.members);
    for (uint64_t i = 0; changed->cells && i <= changed->mask; i++) {
        uint64_t key = changed->cells[i].key;
        if (key) take_membership(all, (int64_t)((key - 1) >> 32), (int64_t)(uint32_t)(key - 1));
    }
    pairs_clear(changed);
}
