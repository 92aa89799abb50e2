/* Messages whose recipients were not all online, and who was away: what Python takes from time to
 * time. The rows are copies, because the batches that they come from are let go. */
#ifndef CHATFLOW_CANDIDATES_H
#define CHATFLOW_CANDIDATES_H

#include "rows.h"

typedef struct {
    batch *rows; /* its messages; Python takes it over */
    int64_t count;
    int32_t *sources; /* of each message */
    int64_t *ends;    /* of each message, where in `away` those end who are its own */
    int64_t away_count;
    texts away;
    uint8_t *is_leaving; /* of each who is away: the grace was running */
    int64_t released_count;
    texts released;        /* users whose grace is over */
    uint8_t *has_returned; /* of each of them: the user came back within it */
    int64_t *released_at;  /* and how many messages were found before */
    int64_t source_room, end_room, leaving_room, returned_room, at_room;
} candidates;

/* One more message; those who are away are to be added. */
void candidate_add(candidates *all, const messages *from, int64_t row, int64_t source);
void candidate_away(candidates *all, slice user_id, int is_leaving);
/* The grace of somebody for whom messages may wait is over. */
void candidate_release(candidates *all, slice user_id, int has_returned);
/* Whether they are to be fetched before there are more: no column may pass 2 GiB. */
int candidates_full(const candidates *all);
/* All that is there, to be freed with `candidates_drop`; nothing is left. */
candidates *candidates_take(candidates *all);
void candidates_drop(candidates *taken);
void candidates_free(candidates *all);

#endif
