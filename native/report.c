#include "join.h"

static void report_user(join *all, int64_t number) {
    report *to = &all->report;
    user *of = &all->users.all[number];
    int64_t who = to->who.count;
    names_add(&to->who, id_text(&all->users.ids, number));
    to->active_at = grown(to->active_at, &to->at_room, who + 1, sizeof *to->active_at);
    to->is_active = grown(to->is_active, &to->active_room, who + 1, sizeof *to->is_active);
    to->is_active[who] = of->recent != NEVER;
    if (of->recent > of->before) of->before = of->recent;
    of->recent = NEVER;
    to->active_at[who] = of->before;
    user_renewals(of, who, &to->renewals);
}

static void report_users(join *all) {
    users *from = &all->users;
    names_clear(&all->report.who);
    all->report.renewals.count = 0;
    for (int64_t i = 0; i < from->stirred_count; i++) {
        int64_t number = from->stirred[i];
        if (from->all[number].count) report_user(all, number);
        from->all[number].is_told = 0;
        user_leave(from, number);
    }
    from->stirred_count = 0;
}

static void report_member(join *all, int64_t group, int64_t who) {
    report *to = &all->report;
    names_add(&to->groups, id_text(&all->groups.ids, group));
    names_add(&to->members, id_text(&all->users.ids, who));
    int64_t count = to->members.count;
    to->is_member = grown(to->is_member, &to->member_room, count, sizeof *to->is_member);
    to->is_member[count - 1] = (uint8_t)group_has(&all->groups, group, who);
    all->users.all[who].kept--;
    user_leave(&all->users, who);
}

static void report_members(join *all) {
    pairs *changed = &all->groups.changed;
    names_clear(&all->report.groups);
    names_clear(&all->report.members);
    for (uint64_t i = 0; changed->cells && i <= changed->mask; i++) {
        uint64_t key = changed->cells[i].key;
        if (key) report_member(all, (int64_t)((key - 1) >> 32), (int64_t)(uint32_t)(key - 1));
    }
    pairs_clear(changed);
}

/* Say what has changed since the last report. */
void join_report(join *all) {
    report_users(all);
    report_members(all);
}
