#include "users.h"

static const user NOBODY = {.recent = NEVER, .armed = UNARMED};

int64_t user_of(users *all, slice id) {
    int64_t number = ids_of(&all->ids, id);
    int64_t before = all->room;
    all->all = grown(all->all, &all->room, number + 1, sizeof *all->all);
    for (int64_t i = before; i < all->room; i++) all->all[i] = NOBODY;
    return number;
}

void user_leave(users *all, int64_t number) {
    user *found = &all->all[number];
    if (found->state || found->kept || found->holds || found->is_told) return;
    ids_drop(&all->ids, number);
    *found = NOBODY;
}

void user_stir(users *all, int64_t number) {
    if (all->all[number].is_told) return;
    all->all[number].is_told = 1;
    all->stirred = grown(all->stirred, &all->stirred_room, all->stirred_count + 1,
                         sizeof *all->stirred);
    all->stirred[all->stirred_count++] = (uint32_t)number;
}

void user_show(user *of, const person *from) {
    int32_t count = (int32_t)from->session_count;
    if (of->count > 1) free(of->many);
    of->count = count;
    of->leaving = from->left_at.is_there;
    if (count == 1) of->one = hash_of(from->sessions[0].name);
    if (count < 2) return;
    of->many = reserved((size_t)count, sizeof *of->many);
    for (int32_t i = 0; i < count; i++)
        of->many[i] = (known_session){hash_of(from->sessions[i].name), NEVER};
}

void user_active(users *all, int64_t number, int64_t at, int late) {
    user *found = &all->all[number];
    if (found->count == 0 || (late && at <= active_at(found))) return;
    found->recent = at;
    user_stir(all, number);
}

void user_rest(user *of) {
    of->recent = NEVER;
    of->before = 0;
}

static int are_equal(hash128 a, hash128 b) { return a.low == b.low && a.high == b.high; }

void user_sign(users *all, slice id, slice name, int64_t at, int late) {
    int64_t number = ids_find(&all->ids, id);
    if (number < 0) return;
    user *found = &all->all[number];
    if (found->count == 0) return;
    hash128 wanted = name.size ? hash_of(name) : (hash128){0, 0};
    /* Renewing the only session is renewing all of them, which is cheaper. */
    if (name.size == 0 || (found->count == 1 && are_equal(found->one, wanted))) {
        user_active(all, number, at, late);
        return;
    }
    for (int32_t i = 0; found->count > 1 && i < found->count; i++) {
        known_session *each = &found->many[i];
        if (!are_equal(each->name, wanted)) continue;
        if (at > each->renewed) each->renewed = at;
        user_stir(all, number);
        return;
    }
}

void users_free(users *all) {
    for (int64_t i = 0; i < all->room; i++) {
        if (all->all[i].count > 1) free(all->all[i].many);
        free(all->all[i].state);
    }
    free(all->all);
    free(all->stirred);
    ids_free(&all->ids);
}
