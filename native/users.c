#include "users.h"

int64_t user_of(users *all, slice id) {
    int64_t number = ids_of(&all->ids, id);
    int64_t before = all->room;
    all->all = grown(all->all, &all->room, number + 1, sizeof *all->all);
    for (int64_t i = before; i < all->room; i++)
        all->all[i] = (user){.recent = NEVER};
    return number;
}

void user_leave(users *all, int64_t number) {
    user *found = &all->all[number];
    if (found->count || found->leaving || found->kept || found->is_told || found->stored) return;
    ids_drop(&all->ids, number);
    *found = (user){.recent = NEVER};
}

void user_stir(users *all, int64_t number) {
    if (all->all[number].is_told) return;
    all->all[number].is_told = 1;
    all->stirred = grown(all->stirred, &all->stirred_room, all->stirred_count + 1,
                         sizeof *all->stirred);
    all->stirred[all->stirred_count++] = (uint32_t)number;
}

static void set_sessions(user *found, given names) {
    int32_t count = (int32_t)names.count;
    free(found->many);
    found->many = count > 1 ? reserved((size_t)count, sizeof(session)) : NULL;
    found->count = count;
    session *to = sessions_of(found);
    for (int32_t i = 0; i < count; i++) to[i] = (session){hash_of(given_next(&names)), NEVER};
}

void user_set(users *all, int64_t number, int leaving, given names, int64_t at) {
    user *found = &all->all[number];
    /* What was before a first session, or after the last one, counts for nothing. */
    if (names.count == 0 || found->count == 0) {
        found->recent = NEVER;
        found->before = names.count ? at : 0;
    }
    set_sessions(found, names);
    found->leaving = leaving != 0;
    user_leave(all, number);
}

int64_t user_put(users *all, slice id, int leaving, given names, int64_t at) {
    int64_t number = names.count || leaving ? user_of(all, id) : ids_find(&all->ids, id);
    if (number < 0) return -1;
    user_set(all, number, leaving, names, at);
    return names.count || leaving ? number : -1;
}

void user_active(users *all, int64_t number, int64_t at, int late) {
    user *found = &all->all[number];
    if (found->count == 0 || (late && at <= active_at(found))) return;
    found->recent = at;
    user_stir(all, number);
}

void user_sign(users *all, slice id, slice name, int64_t at, int late) {
    int64_t number = ids_find(&all->ids, id);
    if (number < 0) return;
    user *found = &all->all[number];
    if (name.size == 0) {
        user_active(all, number, at, late);
        return;
    }
    hash128 wanted = hash_of(name);
    session *each = sessions_of(found), *end = each + found->count;
    for (; each < end; each++)
        if (each->name.low == wanted.low && each->name.high == wanted.high) break;
    if (each == end) return;
    /* Renewing the only session is renewing all of them, which Python need not be told. */
    if (found->count == 1) {
        user_active(all, number, at, late);
        return;
    }
    if (at > each->renewed) each->renewed = at;
    user_stir(all, number);
}

void user_renewals(user *of, int64_t who, renewals *to) {
    if (of->count < 2) return;
    for (int32_t i = 0; i < of->count; i++) {
        if (of->many[i].renewed == NEVER) continue;
        to->all = grown(to->all, &to->room, to->count + 1, sizeof *to->all);
        to->all[to->count++] = (renewal){who, i, of->many[i].renewed};
        of->many[i].renewed = NEVER;
    }
}

void users_free(users *all) {
    for (int64_t i = 0; i < all->room; i++) free(all->all[i].many);
    free(all->all);
    free(all->stirred);
    ids_free(&all->ids);
}
