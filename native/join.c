#include "join.h"

#include "ahead.h"

join *join_new(void) {
    join *all = reserved(1, sizeof *all);
    all->groups.users = &all->users;
    all->time = INT64_MIN;
    return all;
}

void join_free(join *all) {
    free((void *)all->stop.event);
    free(all->stop.renewals.all);
    candidates_free(&all->alike);
    candidates_free(&all->apart);
    names *lists[] = {&all->report.who, &all->report.groups, &all->report.members};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) names_free(lists[i]);
    free(all->report.active_at);
    free(all->report.is_active);
    free(all->report.is_member);
    free(all->report.renewals.all);
    groups_free(&all->groups);
    users_free(&all->users);
    stored_free(&all->stored);
    timeline_free(&all->timeline);
    free(all);
}

static void on_sign(join *all, const entry *at, const user_events *from) {
    slice user_id = text_at(&from->user_id, at->row), name = text_at(&from->session_id, at->row);
    user_sign(&all->users, user_id, name, at->time, all->is_late);
}

static void on_group_event(join *all, const entry *at, const user_events *from) {
    slice group_id = text_at(&from->group_id, at->row), user_id = text_at(&from->user_id, at->row);
    if (group_id.size == 0) return;
    if (at->kind == LEAVE) group_leave(&all->groups, group_id, user_id);
    else group_join(&all->groups, group_of(&all->groups, group_id), user_id, 1);
}

static int is_away(const join *all, int64_t who) { return all->users.all[who].count == 0; }

/* Where the recipients of a message belong: see join.h. */
static candidates *place_for(join *all, const messages *from, int64_t row, int is_special) {
    int32_t type = from->content_type[row];
    int is_signalling = type == VOICE_CALL || type == VIDEO_CALL;
    return is_special || is_signalling ? &all->apart : &all->alike;
}

static int is_special(const join *all, int64_t who, int64_t sender) {
    return is_away(all, who) && (who == sender || all->users.all[who].leaving);
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
        candidate_away(to, id_text(&all->users.ids, each), all->users.all[each].leaving);
    }
}

static void on_group_message(join *all, const entry *at, const slot *from, slice group_id) {
    slice sender = text_at(&from->messages->from_user, at->row);
    int64_t number, own = -1;
    if (sender.size) {
        number = group_of(&all->groups, group_id);
        own = group_join(&all->groups, number, sender, 1);
        user_active(&all->users, own, at->time, all->is_late);
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
    int64_t who = sender.size ? ids_find(&all->users.ids, sender) : -1;
    if (who >= 0) user_active(&all->users, who, at->time, all->is_late);
    slice recipient = text_at(&from->messages->to_user, at->row);
    if (recipient.size == 0 || at->kind != PUSHED) return;
    who = ids_find(&all->users.ids, recipient);
    if (who >= 0 && !is_away(all, who)) return;
    int leaving = who >= 0 && all->users.all[who].leaving;
    candidates *to = place_for(all, from->messages, at->row, leaving || same(sender, recipient));
    candidate_add(to, from->messages, at->row, from->source);
    candidate_away(to, recipient, leaving);
}

/* Python has the rules for this one: hand it everything that it has to know. */
static void hand_over(join *all, const entry *at, const slot *from) {
    stop *to = &all->stop;
    for (;;) {
        uint8_t *room = (uint8_t *)to->event;
        to->event_size = pack_user_event(from->user_events, at->row, room, all->event_room);
        if (to->event_size <= all->event_room) break;
        to->event = grown(room, &all->event_room, to->event_size, 1);
    }
    to->source = from->source;
    to->active_at = to->renewals.count = 0;
    int64_t who = ids_find(&all->users.ids, text_at(&from->user_events->user_id, at->row));
    if (who < 0) return;
    to->active_at = active_at(&all->users.all[who]);
    user_renewals(&all->users.all[who], 0, &to->renewals);
}

static int64_t stopped(join *all, int64_t why, int64_t time) {
    all->stop.time = time;
    return why;
}

/* Whether something is due before anything of this instant; the instant has begun then. */
static int is_due(join *all, int64_t time, int64_t due) {
    if (all->is_inside && all->instant == time) return 0;
    all->is_inside = 1;
    all->instant = time;
    all->is_late = time < all->time;
    if (!all->is_late) all->time = time;
    return due <= time;
}

int64_t join_run(join *all, int64_t end, int64_t time, int64_t due) {
    if (time > all->time) all->time = time;
    int64_t stored = stored_due(&all->stored);
    if (stored < due) due = stored;
    for (const entry *at; (at = timeline_next(&all->timeline, end)) != NULL;) {
        if (is_due(all, at->time, due)) return stopped(all, TIMERS, at->time);
        if (candidates_full(&all->alike) || candidates_full(&all->apart))
            return stopped(all, FULL, at->time);
        ahead_look(all, all->ring);
        const slot *from = &all->timeline.slots[at->slot];
        if (at->kind == SIGN) on_sign(all, at, from->user_events);
        else if (at->kind == JOIN || at->kind == LEAVE) on_group_event(all, at, from->user_events);
        else if (at->kind == PUSHED || at->kind == STORED) on_message(all, at, from);
        int64_t is_turn = at->kind == TURN, now = at->time;
        if (is_turn) hand_over(all, at, from);
        timeline_step(&all->timeline);
        if (is_turn) return stopped(all, EVENT, now);
    }
    all->is_inside = 0;
    return stopped(all, DONE, all->time);
}
