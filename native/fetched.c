#include "fetched.h"

kafka_client *kafka_client_new(void *const calls[5]) {
    kafka_client *made = reserved(1, sizeof *made);
    /* ISO C has no cast between the two kinds of pointers; POSIX says that this works. */
    _Static_assert(sizeof made->calls == 5 * sizeof *calls, "five pointers");
    memcpy(&made->calls, calls, sizeof made->calls);
    atomic_init(&made->users, 1);
    return made;
}

void kafka_client_release(kafka_client *client) {
    if (atomic_fetch_sub(&client->users, 1) > 1) return;
    if (client->queue) client->calls.destroy_queue(client->queue);
    if (client->handle) client->calls.destroy(client->handle);
    free(client->room);
    free(client);
}

void kafka_complaint(void *handle, int code, const char *reason, void *client) {
    (void)handle;
    kafka_client *to = client;
    if (to->complaint) return; /* the first one is the cause of the others */
    to->complaint = code;
    snprintf(to->said, sizeof to->said, "%s", reason);
}

static fetched *fetched_new(kafka_client *from, int64_t count) {
    fetched *made = reserved(1, sizeof *made);
    made->records = resized(NULL, (size_t)count * sizeof *made->records);
    made->messages = resized(NULL, (size_t)count * sizeof *made->messages);
    made->client = from;
    atomic_fetch_add(&from->users, 1);
    return made;
}

static void add(fetched *to, arrived *message) {
    int kind;
    int64_t size = (int64_t)message->size, time = to->client->calls.timestamp(message, &kind);
    to->records[to->count] = (record){message->value, size, message->offset, time};
    to->messages[to->count++] = message;
    to->bytes += size;
}

fetched *fetch(kafka_client *client, int64_t most) {
    client->room = grown(client->room, &client->room_size, most, sizeof *client->room);
    int64_t count = client->calls.consume(client->queue, 0, client->room, (size_t)most);
    if (count <= 0) return NULL;
    fetched *made = fetched_new(client, count);
    for (int64_t i = 0; i < count; i++)
        if (!client->room[i]->error) add(made, client->room[i]);
    made->told = made->messages + made->count;
    for (int64_t i = 0; i < count; i++)
        if (client->room[i]->error) made->told[made->told_count++] = client->room[i];
    made->ends_last = client->room[count - 1]->error != 0;
    return made;
}

void fetched_free(fetched *all) {
    kafka_client *client = all->client;
    for (int64_t i = 0; i < all->count + all->told_count; i++)
        client->calls.destroy_message(all->messages[i]);
    free(all->messages);
    free(all->records);
    free(all);
    kafka_client_release(client);
}
