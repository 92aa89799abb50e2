#include "join.h"

#include "ahead.h"

join *join_new(int64_t timeout, int64_t grace) {
    join *all = reserved(1, sizeof *all);
    all->groups.users = &all->roster.users;
    all->roster.apart = &all->apart;
    all->roster.spans = (spans){timeout, grace};
    all->time = INT64_MIN;
    return all;
}

void join_free(join *all) {
    candidates_free(&all->alike);
    candidates_free(&all->apart);
    names_free(&all->memberships.groups);
    names_free(&all->memberships.members);
    free(all->memberships.is_member);
    for (int64_t i = 0; i < all->source_count; i++) free((void *)all->sources[i].topic.at);
    free(all->sources);
    groups_free(&all->groups);
    roster_free(&all->roster);
    timeline_free(&all->timeline);
    free(all);
}

static void on_sign(join *all, const entry *at, const user_events *from) {
    slice user_id = text_at(&from->user_id, at->row), name = text_at(&from->session_id, at->row);
    user_sign(&all->roster.users, user_id, name, at->time, all->is_late);
}

static void on_group_event(join *all, const entry *at, const user_events *from) {
    slice group_id = text_at(&from->group_id, at->row), user_id = text_at(&from->user_id, at->row);
    if (group_id.size == 0) return;
    if (at->kind == LEAVE) group_leave(&all->groups, group_id, user_id);
    else group_join(&all->groups, group_of(&all->groups, group_id), user_id, 1);
}

static int is_away(const join *all, int64_t who) { return all->roster.users.all[who].count == 0; }

/* Where the recipients of a message belong: see join.h. */
static candidates *place_for(join *all, const messages *from, int64_t row, int is_special) {
    int32_t type = from->content_type[row];
    int is_signalling = type == VOICE_CALL || type == VIDEO_CALL;
    return is_special || is_signalling ? &all->apart : &all->alike;
}

static int is_special(const join *all, int64_t who, int64_t sender) {
    return is_away(all, who) && (who == sender || all->roster.users.all[who].leaving);
}

/* For one whose grace is running the message waits. */
static void add_away(join *all, candidates *to, int64_t who) {
    user *of = &all->roster.users.all[who];
    if (of->leaving) of->holds = 1;
    candidate_away(to, id_text(&all->roster.users.ids, who), of->leaving);
}

/* Those members who are away, from the first one of them on. */
static void add_members(join *all, const slot *from, int64_t row, const members *who, int64_t first,
                        int64_t sender) {
    int special = 0;
    for (int64_t i = first; i < who->count && !special; i++)
        special = is_special(all, who->all[i], sender);
    candidates *to = place_for(all, from->messages, row, special);
    candidate_add(to, from->messages, row, from->source);
    for (int64_t i = first; i < who->count; i++) {
        int64_t each = who->all[i];
        if (!is_away(all, each)) continue;
        add_away(all, to, each);
    }
}

static void on_group_message(join *all, const entry *at, const slot *from, slice group_id) {
    slice sender = text_at(&from->messages->from_user, at->row);
    int64_t number, own = -1;
    if (sender.size) {
        number = group_of(&all->groups, group_id);
        own = group_join(&all->groups, number, sender, 1);
        user_active(&all->roster.users, own, at->time, all->is_late);
    } else {
        number = ids_find(&all->groups.ids, group_id);
    }
    if (number < 0 || at->kind != PUSHED) return;
    const members *who = members_of(&all->groups.all[number]);
    int64_t i = 0;
    while (i < who->count && !is_away(all, who->all[i])) i++;
    if (i < who->count) add_members(all, from, at->row, who, i, own);
}

static void on_message(join *all, const entry *at, const slot *from) {
    slice group_id = text_at(&from->messages->group_id, at->row);
    if (group_id.size) {
        on_group_message(all, at, from, group_id);
        return;
    }
    slice sender = text_at(&from->messages->from_user, at->row);
    int64_t who = sender.size ? ids_find(&all->roster.users.ids, sender) : -1;
    if (who >= 0) user_active(&all->roster.users, who, at->time, all->is_late);
    slice recipient = text_at(&from->messages->to_user, at->row);
    if (recipient.size == 0 || at->kind != PUSHED) return;
    who = ids_find(&all->roster.users.ids, recipient);
    if (who >= 0 && !is_away(all, who)) return;
    int leaving = who >= 0 && all->roster.users.all[who].leaving;
    candidates *to = place_for(all, from->messages, at->row, leaving || same(sender, recipient));
    candidate_add(to, from->messages, at->row, from->source);
    if (who >= 0) add_away(all, to, who);
    else candidate_away(to, recipient, 0);
}

static maybe maybe_at(const int64_t *numbers, const uint8_t *has, int64_t row) {
    return has[row] ? (maybe){numbers[row], 1} : (maybe){0, 0};
}

/* Somebody comes or goes. */
static void on_turn(join *all, const entry *at, const slot *from) {
    const user_events *of = from->user_events;
    turn by = {.at = at->time,
               .session_id = text_at(&of->session_id, at->row),
               .worker_id = maybe_at(of->worker_id, of->has_worker_id, at->row),
               .connection_time = maybe_at(of->connection_time, of->has_connection_time, at->row)};
    coordinates place = all->sources[from->source];
    place.offset = (maybe){of->kafka_offset[at->row], 1};
    roster_turn(&all->roster, text_at(&of->user_id, at->row), &by, place, at->kind == OPEN);
}

/* A new instant begins with what is due before anything of it. */
static void begin(join *all, int64_t time) {
    if (all->is_inside && all->instant == time) return;
    all->is_inside = all->is_firing = 1;
    all->instant = time;
    all->is_late = time < all->time;
    if (!all->is_late) all->time = time;
}

static int is_full(const join *all) {
    return candidates_full(&all->alike) || candidates_full(&all->apart) ||
           changes_full(&all->roster.changes);
}

static void look(join *all, const entry *at) {
    const slot *from = &all->timeline.slots[at->slot];
    switch (at->kind) {
        case SIGN: on_sign(all, at, from->user_events); break;
        case OPEN:
        case CLOSE: on_turn(all, at, from); break;
        case JOIN:
        case LEAVE: on_group_event(all, at, from->user_events); break;
        case PUSHED:
        case STORED: on_message(all, at, from); break;
    }
}

int64_t join_run(join *all, int64_t end, int64_t time) {
    if (time > all->time) all->time = time;
    for (const entry *at; (at = timeline_next(&all->timeline, end)) != NULL;) {
        begin(all, at->time);
        if (all->is_firing && !roster_fire(&all->roster, at->time)) return FULL;
        all->is_firing = 0;
        if (is_full(all)) return FULL;
        ahead_look(all, all->ring);
        look(all, at);
        timeline_step(&all->timeline);
    }
    all->is_inside = 0;
    return DONE;
}

int64_t join_advance(join *all, int64_t now) {
    if (now > all->time) all->time = now;
    return roster_fire(&all->roster, now) ? DONE : FULL;
}
