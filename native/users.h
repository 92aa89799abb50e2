/* Users: what the join must know of one at every event, and all else as the store is to have it.
 *
 * A user takes 64 bytes here. What only the rules look at stays packed until something
 * happens to the user: of a million who are known most are away, and nothing happens to them. */
#ifndef CHATFLOW_USERS_H
#define CHATFLOW_USERS_H

#include "ids.h"
#include "person.h"

#define NEVER INT64_MIN
#define UNARMED INT64_MAX

typedef struct {
    hash128 name;
    int64_t renewed; /* by a sign that is not in the state yet; NEVER: by none */
} known_session;

typedef struct {
    int32_t count; /* sessions; 0: not online */
    uint32_t kept; /* how many memberships name the user */
    union {
        hash128 one;         /* name of the only session */
        known_session *many; /* where there are several */
    };
    int64_t recent; /* active then, since the last report; NEVER: not active */
    int64_t before; /* active then, at the last report; 0: not known */
    int64_t armed;  /* the timer that counts; UNARMED: there is none */
    uint8_t *state; /* see state.h; NULL: nothing is known */
    uint32_t state_size;
    unsigned leaving : 1;   /* the grace is running */
    unsigned holds : 1;     /* a message may wait for the end of it */
    unsigned is_told : 1;   /* stands in `stirred` */
    unsigned is_touched : 1;   /* the state is not as the store has it */
    unsigned is_forgotten : 1; /* stands in `forgotten` of roster.h */
} user;

typedef struct {
    ids ids;
    user *all; /* by the number of the id */
    int64_t room;
    uint32_t *stirred; /* of whom there is something to report */
    int64_t stirred_count, stirred_room;
} users;

/* The user's number, given now where the user is new. */
int64_t user_of(users *all, slice id);
/* Forget a user of whom there is nothing to know. */
void user_leave(users *all, int64_t number);
/* Show what the rules have found to those who ask at every event. */
void user_show(user *of, const person *from);
/* There is something to report of the user. */
void user_stir(users *all, int64_t number);
/* The user was active then; a late event may be older than what is known. */
void user_active(users *all, int64_t number, int64_t at, int late);
/* What was before a first session, or after the last one, counts for nothing. */
void user_rest(user *of);
/* A sign of life that names a session; an empty name is all of them. */
void user_sign(users *all, slice id, slice name, int64_t at, int late);
void users_free(users *all);

static inline int64_t active_at(const user *found) {
    return found->recent != NEVER && found->recent != 0 ? found->recent : found->before;
}

#endif
