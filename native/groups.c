#include "groups.h"

int64_t group_of(groups *all, slice id) {
    int64_t number = ids_of(&all->ids, id), before = all->room;
    all->all = grown(all->all, &all->room, number + 1, sizeof *all->all);
    if (all->room > before)
        memset(all->all + before, 0, (size_t)(all->room - before) * sizeof *all->all);
    return number;
}

static void add_member(members *to, int64_t user) {
    to->all = grown(to->all, &to->room, to->count + 1, sizeof *to->all);
    to->all[to->count++] = (uint32_t)user;
}

static void change(groups *all, uint64_t key, user *who) {
    if (pairs_find(&all->changed, key)) return;
    pairs_add(&all->changed, key, 0);
    who->kept++;
}

int group_has(const groups *all, int64_t number, int64_t user) {
    return pairs_find(&all->places, pair_key(number, user)) != NULL;
}

int64_t group_join(groups *all, int64_t number, slice user_id, int is_new) {
    int64_t who = user_of(all->users, user_id);
    uint64_t key = pair_key(number, who);
    if (pairs_find(&all->places, key)) return who;
    group *found = &all->all[number];
    pairs_add(&all->places, key, (uint32_t)found->seen.count);
    add_member(&found->seen, who);
    all->users->all[who].kept++;
    if (is_new) change(all, key, &all->users->all[who]);
    return who;
}

void group_leave(groups *all, slice id, slice user_id) {
    int64_t number = ids_find(&all->ids, id), who = ids_find(&all->users->ids, user_id);
    if (number < 0 || who < 0) return;
    uint64_t key = pair_key(number, who);
    pair *found = pairs_find(&all->places, key);
    if (found == NULL) return;
    members *seen = &all->all[number].seen;
    uint32_t place = found->value, last = seen->all[--seen->count];
    if (last != (uint32_t)who) {
        seen->all[place] = last;
        pairs_find(&all->places, pair_key(number, last))->value = place;
    }
    pairs_drop(&all->places, found);
    change(all, key, &all->users->all[who]);
    all->users->all[who].kept--;
}

void group_list(groups *all, slice id, given user_ids) {
    int64_t number = group_of(all, id);
    group *found = &all->all[number];
    found->is_listed = 1;
    while (user_ids.count) {
        int64_t who = user_of(all->users, given_next(&user_ids));
        add_member(&found->listed, who);
        all->users->all[who].kept++;
    }
}

void groups_free(groups *all) {
    for (int64_t i = 0; i < all->room; i++) {
        free(all->all[i].seen.all);
        free(all->all[i].listed.all);
    }
    free(all->all);
    pairs_clear(&all->places);
    pairs_clear(&all->changed);
    ids_free(&all->ids);
}
