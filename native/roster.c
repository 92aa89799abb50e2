#include "roster.h"

static void touch(roster *all, int64_t who) {
    all->users.all[who].is_touched = 1;
    user_stir(&all->users, who);
}

static void show(roster *all, user *of) {
    all->counts.present -= of->count || of->leaving;
    user_show(of, &all->person);
    all->counts.present += of->count || of->leaving;
}

static void set_state(roster *all, user *of, slice state) {
    all->counts.known += of->state == NULL;
    if (of->state == NULL || of->state_size != state.size)
        of->state = resized(of->state, (size_t)state.size);
    memcpy(of->state, state.at, (size_t)state.size);
    of->state_size = (uint32_t)state.size;
}

/* Keep `person` as the user's; the texts that it borrows may be gone then. */
static void save(roster *all, int64_t who) {
    user *of = &all->users.all[who];
    state_write(&all->person, &all->packed);
    show(all, of);
    set_state(all, of, (slice){all->packed.at, all->packed.size});
    touch(all, who);
}

static int take_renewals(person *to, user *of) {
    int found = 0;
    for (int32_t i = 0; of->count > 1 && i < of->count; i++) {
        if (of->many[i].renewed == NEVER) continue;
        person_renewed(to, i, of->many[i].renewed);
        found = 1;
    }
    return found;
}

void roster_load(roster *all, int64_t who) {
    user *of = &all->users.all[who];
    slice state = {of->state, of->state_size};
    if (of->state == NULL || !state_read(state, &all->person)) person_clear(&all->person);
    if (!take_renewals(&all->person, of)) return;
    save(all, who);
    state_read((slice){of->state, of->state_size}, &all->person);
}

static void publish(roster *all, int64_t who, const char *status, slice reason, int64_t at,
                    coordinates by) {
    slice id = id_text(&all->users.ids, who);
    changes_add(&all->changes, (change){id, word(status), reason, at, by});
    person_published(&all->person, word(status), at);
}

static void release(roster *all, int64_t who, int has_returned) {
    user *of = &all->users.all[who];
    if (of->holds) candidate_release(all->apart, id_text(&all->users.ids, who), has_returned);
    of->holds = 0;
}

/* Keep the user. For one who was active the timer comes too early, and is set anew then. */
static void put(roster *all, int64_t who) {
    timers_set(&all->timers, &all->users, who, person_due(&all->person, 0, all->spans));
    save(all, who);
}

static void go_away(roster *all, int64_t who) {
    person *of = &all->person;
    publish(all, who, "offline", of->left_because, of->left_at.value, of->left_by);
    release(all, who, 0);
    put(all, who);
}

/* What came of an event, or of time. */
typedef struct {
    int64_t at;
    const char *reason;
    coordinates by;
} cause;

/* The user whose last session has just ended; nobody is told before the grace is over. */
static void leave(roster *all, int64_t who, cause of) {
    person *after = &all->person;
    after->last_seen = latest(after->last_seen, active_at(&all->users.all[who]));
    user_rest(&all->users.all[who]);
    after->left_at = (maybe){of.at, 1};
    after->left_because = word(of.reason);
    after->left_by = of.by;
    if (all->spans.grace == 0) go_away(all, who);
    else put(all, who);
}

/* Draw the consequences of a change of a user's sessions, of which there were so many. */
static void settle(roster *all, int64_t who, int64_t before, cause of) {
    person *after = &all->person;
    if (after->session_count == 0) {
        if (before) leave(all, who, of);
        else put(all, who);
        return;
    }
    if (before == 0) user_rest(&all->users.all[who]);
    if (after->left_at.is_there) {
        person_published(after, after->status, after->since);
        release(all, who, 1);
    }
    if (!is(after->status, "online")) publish(all, who, "online", word(of.reason), of.at, of.by);
    put(all, who);
}

void roster_turn(roster *all, slice id, turn *by, coordinates at, int is_opening) {
    int64_t who = user_of(&all->users, id);
    roster_load(all, who);
    int64_t before = all->person.session_count;
    if (is_opening) person_opened(&all->person, by);
    else person_closed(&all->person, by);
    settle(all, who, before, (cause){by->at, is_opening ? "connected" : "disconnected", at});
}

static void forget(roster *all, int64_t who) {
    user *of = &all->users.all[who];
    person *last = &all->person;
    if (last->since) {
        int64_t place = all->forgotten_count++;
        all->forgotten = grown(all->forgotten, &all->forgotten_room, place + 1,
                               sizeof *all->forgotten);
        all->forgotten[place] = (forgotten){(uint32_t)who, last->since, last->last_seen};
        of->is_forgotten = 1;
    }
    free(of->state);
    of->state = NULL;
    of->state_size = 0;
    all->counts.known--;
    touch(all, who);
}

static void fire(roster *all, int64_t who, int64_t now) {
    if (all->users.all[who].state == NULL) return;
    roster_load(all, who);
    person *of = &all->person;
    int64_t active = 0, before = of->session_count;
    if (before) {
        active = active_at(&all->users.all[who]);
        if (person_expired(of, active, now, all->spans.timeout)) {
            settle(all, who, before, (cause){.at = now, .reason = "expired"});
            return;
        }
    } else if (of->left_at.is_there && later(of->left_at.value, all->spans.grace) <= now) {
        go_away(all, who);
        return;
    } else if (person_is_forgettable(of, now, all->spans.timeout)) {
        forget(all, who);
        return;
    }
    /* It came too early, for something is known since it was set. */
    int64_t due = person_due(of, active, all->spans);
    if (due > now) timers_set(&all->timers, &all->users, who, due);
}

int roster_fire(roster *all, int64_t now) {
    int64_t who, at;
    while (!changes_full(&all->changes) && !candidates_full(all->apart)) {
        if ((who = timers_next(&all->timers, &all->users, now, &at)) < 0) return 1;
        fire(all, who, at);
    }
    return 0;
}

int64_t roster_store(roster *all, const rows_given *from, int is_touched, int64_t *unread) {
    enum { AHEAD = 8 };
    int64_t count = 0;
    for (int64_t i = 0; i < from->count; i++) {
        if (i + AHEAD < from->count)
            ids_ahead(&all->users.ids, slice_at(from->keys, from->key_ends, i + AHEAD));
        slice id = slice_at(from->keys, from->key_ends, i);
        slice state = slice_at(from->states, from->state_ends, i);
        if (!state_read(state, &all->person)) {
            unread[count++] = i;
            continue;
        }
        int64_t who = user_of(&all->users, id);
        set_state(all, &all->users.all[who], state);
        show(all, &all->users.all[who]);
        timers_set(&all->timers, &all->users, who, person_due(&all->person, 0, all->spans));
        if (is_touched) touch(all, who);
    }
    return count;
}

void roster_free(roster *all) {
    users_free(&all->users);
    timers_free(&all->timers);
    changes_free(&all->changes);
    person_free(&all->person);
    free(all->forgotten);
    free(all->packed.at);
}
