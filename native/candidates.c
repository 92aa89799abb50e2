#include "candidates.h"

enum { MANY = 1 << 16, LARGE = 1 << 26 }; /* rows, bytes */

void candidate_add(candidates *all, const messages *from, int64_t row, int64_t source) {
    if (all->rows == NULL) all->rows = batch_new();
    if (!copy_message(&all->rows->messages, from, row)) {
        /* They are fetched long before; what is one record of Kafka's cannot be that large. */
        fputs("chatflow: a message of 2 GiB\n", stderr);
        abort();
    }
    int64_t place = all->count++;
    all->sources = grown(all->sources, &all->source_room, all->count, sizeof *all->sources);
    all->ends = grown(all->ends, &all->end_room, all->count, sizeof *all->ends);
    all->sources[place] = (int32_t)source;
    all->ends[place] = all->away_count;
}

static void add_user(texts *to, int64_t place, slice user_id) {
    text_add_bounded(to, place, user_id, "a group");
}

void candidate_away(candidates *all, slice user_id, int is_leaving) {
    int64_t place = all->away_count++;
    add_user(&all->away, place, user_id);
    all->is_leaving = grown(all->is_leaving, &all->leaving_room, place + 1, sizeof *all->is_leaving);
    all->is_leaving[place] = is_leaving != 0;
    all->ends[all->count - 1] = all->away_count;
}

void candidate_release(candidates *all, slice user_id, int has_returned) {
    int64_t place = all->released_count++;
    add_user(&all->released, place, user_id);
    all->has_returned = grown(all->has_returned, &all->returned_room, place + 1, 1);
    all->released_at = grown(all->released_at, &all->at_room, place + 1, sizeof *all->released_at);
    all->has_returned[place] = has_returned != 0;
    all->released_at[place] = all->count;
}

int candidates_full(const candidates *all) {
    if (all->released.used >= LARGE) return 1;
    if (all->count == 0) return 0;
    return all->count >= MANY || all->away.used >= LARGE ||
           all->rows->messages.content.used >= LARGE;
}

candidates *candidates_take(candidates *all) {
    candidates *taken = resized(NULL, sizeof *taken);
    *taken = *all;
    memset(all, 0, sizeof *all);
    return taken;
}

void candidates_drop(candidates *taken) {
    candidates_free(taken);
    free(taken);
}

void candidates_free(candidates *all) {
    if (all->rows) batch_free(all->rows);
    free(all->sources);
    free(all->ends);
    free(all->is_leaving);
    free(all->has_returned);
    free(all->released_at);
    texts_free(&all->away);
    texts_free(&all->released);
}
