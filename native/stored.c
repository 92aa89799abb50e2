#include "stored.h"

static void due_add(stored *all, int64_t at, uint32_t place) {
    all->due = grown(all->due, &all->due_room, all->due_count + 1, sizeof *all->due);
    int64_t i = all->due_count++;
    for (; i > 0 && all->due[(i - 1) / 2].at > at; i = (i - 1) / 2)
        all->due[i] = all->due[(i - 1) / 2];
    all->due[i] = (stored_due_at){at, place};
}

static void due_drop(stored *all) {
    stored_due_at last = all->due[--all->due_count];
    int64_t i = 0;
    for (int64_t next; (next = 2 * i + 1) < all->due_count; i = next) {
        if (next + 1 < all->due_count && all->due[next + 1].at < all->due[next].at) next++;
        if (all->due[next].at >= last.at) break;
        all->due[i] = all->due[next];
    }
    all->due[i] = last;
}

static void keep(stored *all, users *known, int64_t who, slice state) {
    uint8_t *copy = resized(NULL, (size_t)state.size);
    memcpy(copy, state.at, (size_t)state.size);
    all->all = grown(all->all, &all->room, all->count + 1, sizeof *all->all);
    all->all[all->count] = (one_stored){copy, (uint32_t)state.size, (uint32_t)who};
    due_add(all, all->person.due, (uint32_t)all->count);
    known->all[who].stored = (uint32_t)++all->count;
    all->taken.left++;
    all->taken.present += all->person.session_count || all->person.is_leaving;
}

int64_t stored_add(stored *all, users *known, const rows_given *from, spans of, int64_t *unread) {
    int64_t count = 0;
    for (int64_t i = 0; i < from->count; i++) {
        const int32_t *key = from->key_ends + i, *end = from->state_ends + i;
        slice id = {from->keys + key[0], key[1] - key[0]};
        slice state = {from->states + end[0], end[1] - end[0]};
        if (!person_read(state, of, &all->person)) {
            unread[count++] = i;
            continue;
        }
        int64_t who = user_of(known, id);
        if (known->all[who].stored) { /* no key is there twice */
            unread[count++] = i;
            continue;
        }
        keep(all, known, who, state);
        user_set(known, who, all->person.is_leaving, person_names(&all->person), 0);
    }
    return count;
}

static void clear(stored *all) {
    for (int64_t i = 0; i < all->count; i++) free(all->all[i].at);
    free(all->all);
    free(all->due);
    all->all = NULL;
    all->due = NULL;
    all->count = all->room = all->due_count = all->due_room = 0;
}

static void take(stored *all, users *known, int64_t who) {
    user *of = &known->all[who];
    one_stored *from = &all->all[of->stored - 1];
    slice id = id_text(&known->ids, who);
    all->copies = grown(all->copies, &all->copy_room, id.size + from->size, 1);
    if (id.size) memcpy(all->copies, id.at, (size_t)id.size);
    memcpy(all->copies + id.size, from->at, from->size);
    all->taken.id = (slice){all->copies, id.size};
    all->taken.state = (slice){all->copies + id.size, from->size};
    all->taken.left--;
    all->taken.present -= of->count || of->leaving;
    free(from->at);
    from->at = NULL;
    of->stored = 0;
    user_leave(known, who);
    if (all->taken.left == 0) clear(all);
}

int stored_take(stored *all, users *known, slice id) {
    int64_t who = all->taken.left ? ids_find(&known->ids, id) : -1;
    if (who < 0 || known->all[who].stored == 0) return 0;
    take(all, known, who);
    return 1;
}

int64_t stored_due(stored *all) {
    while (all->due_count && all->all[all->due[0].place].at == NULL) due_drop(all);
    return all->due_count ? all->due[0].at : INT64_MAX;
}

int stored_take_due(stored *all, users *known, int64_t now) {
    if (stored_due(all) > now || all->due_count == 0) return 0;
    take(all, known, all->all[all->due[0].place].who);
    return 1;
}

void stored_free(stored *all) {
    clear(all);
    free(all->copies);
    person_free(&all->person);
}
