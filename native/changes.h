/* Published changes of users' statuses, as the columns of `presence_changes` in schemas/tables.py. */
#ifndef CHATFLOW_CHANGES_H
#define CHATFLOW_CHANGES_H

#include "person.h"

/* Python mirrors it in `native/join_structures.py`: change both. */
typedef struct {
    int64_t count;
    texts topic; /* may be missing, as partition and offset */
    int32_t *partition;
    uint8_t *has_partition;
    int64_t *offset;
    uint8_t *has_offset;
    texts user_id, status, reason;
    int64_t *at;
    int64_t room;
} changes;

typedef struct {
    slice user_id, status, reason;
    int64_t at;
    coordinates by;
} change;

void changes_add(changes *all, change one);
/* Whether they are to be fetched before there are more: no column may pass 2 GiB. */
int changes_full(const changes *all);
/* All that is there, to be freed with `changes_drop`; NULL where nothing is. Nothing is left. */
changes *changes_take(changes *all);
void changes_drop(changes *taken);
void changes_free(changes *all);

#endif
