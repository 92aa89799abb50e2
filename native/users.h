/* What the join must know of users at every event: who is online, in which sessions, and when each
 * was last active. Python holds the rules of coming and going, and says what came of them. */
#ifndef CHATFLOW_USERS_H
#define CHATFLOW_USERS_H

#include "ids.h"
#include "names.h"

#define NEVER INT64_MIN

typedef struct {
    hash128 name;
    int64_t renewed; /* by a sign of which Python does not know yet; NEVER: by none */
} session;

typedef struct {
    int32_t count; /* sessions; 0: not online */
    uint32_t kept; /* how many memberships name the user */
    session one;   /* the only session */
    session *many; /* where there are several */
    int64_t recent; /* active then, since the last report; NEVER: not active */
    int64_t before; /* active then, at the last report; 0: not known */
    uint8_t leaving;   /* the grace is running */
    uint8_t is_told;   /* stands in `stirred` */
    uint32_t stored;   /* 1 + where `stored` has the user's state; 0: Python has it, or nobody */
} user;

typedef struct {
    ids ids;
    user *all; /* by the number of the id */
    int64_t room;
    uint32_t *stirred; /* of whom there is something to report */
    int64_t stirred_count, stirred_room;
} users;

/* Renewals of sessions that Python has not been told of. */
typedef struct {
    int64_t who; /* in the report */
    int64_t place; /* of the session, as it was told */
    int64_t at;
} renewal;

typedef struct {
    int64_t count, room;
    renewal *all;
} renewals;

/* The user's number, given now where the user is new. */
int64_t user_of(users *all, slice id);
/* Forget a user of whom there is nothing to know. */
void user_leave(users *all, int64_t number);
/* What Python has found: the names of the sessions, and whether a grace is running; `active_at` is
 * for one who was not online. Returns the user's number, or -1 where nothing is to be known. */
int64_t user_put(users *all, slice id, int leaving, given names, int64_t active_at);
/* The same, of a user whose number is known. */
void user_set(users *all, int64_t number, int leaving, given names, int64_t active_at);
/* There is something to report of the user. */
void user_stir(users *all, int64_t number);
/* The user was active then; a late event may be older than what is known. */
void user_active(users *all, int64_t number, int64_t at, int late);
/* A sign of life that names a session; an empty name is all of them. */
void user_sign(users *all, slice id, slice name, int64_t at, int late);
/* Take the renewals of a user, as those of `who`. */
void user_renewals(user *of, int64_t who, renewals *to);
void users_free(users *all);

static inline int64_t active_at(const user *found) {
    return found->recent != NEVER && found->recent != 0 ? found->recent : found->before;
}

static inline session *sessions_of(user *found) {
    return found->count == 1 ? &found->one : found->many;
}

#endif
