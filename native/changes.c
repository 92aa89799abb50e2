#include "changes.h"

enum { LARGE = 1 << 26 }; /* bytes */

static void widen(changes *all) {
    int64_t room = all->room = all->room * 2 + 64;
    all->partition = resized(all->partition, (size_t)room * sizeof *all->partition);
    all->has_partition = resized(all->has_partition, (size_t)room);
    all->offset = resized(all->offset, (size_t)room * sizeof *all->offset);
    all->has_offset = resized(all->has_offset, (size_t)room);
    all->at = resized(all->at, (size_t)room * sizeof *all->at);
}

static void add_text(texts *to, int64_t row, slice text) {
    text_add_bounded(to, row, text, "changes");
}

void changes_add(changes *all, change one) {
    if (all->count == all->room) widen(all);
    int64_t row = all->count++;
    all->partition[row] = one.by.partition.is_there ? (int32_t)one.by.partition.value : 0;
    all->has_partition[row] = one.by.partition.is_there != 0;
    all->offset[row] = one.by.offset.is_there ? one.by.offset.value : 0;
    all->has_offset[row] = one.by.offset.is_there != 0;
    all->at[row] = one.at;
    add_text(&all->topic, row, one.by.topic);
    add_text(&all->user_id, row, one.user_id);
    add_text(&all->status, row, one.status);
    add_text(&all->reason, row, one.reason);
}

int changes_full(const changes *all) {
    return all->user_id.used >= LARGE || all->topic.used >= LARGE || all->reason.used >= LARGE;
}

changes *changes_take(changes *all) {
    if (all->count == 0) return NULL;
    changes *taken = resized(NULL, sizeof *taken);
    *taken = *all;
    memset(all, 0, sizeof *all);
    return taken;
}

void changes_drop(changes *taken) {
    changes_free(taken);
    free(taken);
}

void changes_free(changes *all) {
    void *numbers[] = {all->partition, all->has_partition, all->offset, all->has_offset, all->at};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) free(numbers[i]);
    texts *columns[] = {&all->topic, &all->user_id, &all->status, &all->reason};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) texts_free(columns[i]);
}
