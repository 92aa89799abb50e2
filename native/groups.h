/* Who is in which group: the directory's word, else what the traffic shows. */
#ifndef CHATFLOW_GROUPS_H
#define CHATFLOW_GROUPS_H

#include "names.h"
#include "pairs.h"
#include "users.h"

typedef struct {
    int64_t count, room;
    uint32_t *all; /* numbers of users */
} members;

typedef struct {
    members seen;
    members listed;
    uint8_t is_listed; /* the directory says all its members */
} group;

typedef struct {
    ids ids;
    group *all; /* by the number of the id */
    int64_t room;
    pairs places;  /* of a group and a user, where in `seen` the user stands */
    pairs changed; /* memberships that are not as they were at the last report */
    users *users;
} groups;

int64_t group_of(groups *all, slice id);
/* A user who sends to a group, or joins it, is a member. Returns the user's number. */
int64_t group_join(groups *all, int64_t number, slice user_id, int is_new);
/* A user who leaves a group is none. */
void group_leave(groups *all, slice id, slice user_id);
/* All members, as the directory lists them. */
void group_list(groups *all, slice id, given user_ids);
int group_has(const groups *all, int64_t number, int64_t user);
void groups_free(groups *all);

/* Those who get what is said in the group. */
static inline const members *members_of(const group *found) {
    return found->is_listed ? &found->listed : &found->seen;
}

#endif
