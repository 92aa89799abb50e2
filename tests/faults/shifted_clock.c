/* A wall clock that a test moves while a process runs: preloaded before the C library.
 *
 * The file that CLOCK_SHIFT names holds the seconds by which the wall clock is wrong (a native
 * int64). The monotonic clock stays as it is. Who waits until an instant of the wall clock waits
 * until that instant of the moved one, as it would be after `date --set`.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *shift;

__attribute__((constructor)) static void open_shift(void) {
    const char *path = getenv("CLOCK_SHIFT");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *found = mmap(NULL, sizeof *shift, PROT_READ, MAP_SHARED, file, 0);
    if (found != MAP_FAILED) shift = found;
    close(file);
}

static void *next(const char *name, const char *version) {
    void *found = version ? dlvsym(RTLD_NEXT, name, version) : NULL;
    return found ? found : dlsym(RTLD_NEXT, name);
}

static int64_t seconds(void) { return shift ? *shift : 0; }

int clock_gettime(clockid_t clock, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = next("clock_gettime", NULL);
    int failed = real(clock, now);
    if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += seconds();
    return failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    static int (*real)(struct timeval *, void *);
    if (!real) real = next("gettimeofday", NULL);
    int failed = real(now, zone);
    if (!failed) now->tv_sec += seconds();
    return failed;
}

time_t time(time_t *told) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (told) *told = now.tv_sec;
    return now.tv_sec;
}

int timespec_get(struct timespec *now, int base) {
    clock_gettime(CLOCK_REALTIME, now);
    return base;
}

/* Deadlines of the wall clock are decades after 1970, those of the monotonic clock never are. */
static struct timespec unmoved(const struct timespec *due) {
    struct timespec found = *due;
    if (found.tv_sec > 500000000) found.tv_sec -= seconds();
    return found;
}

int pthread_cond_timedwait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict due) {
    static int (*real)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
    if (!real) real = next("pthread_cond_timedwait", "GLIBC_2.3.2");
    struct timespec then = unmoved(due);
    return real(cond, mutex, &then);
}

int cnd_timedwait(cnd_t *restrict cond, mtx_t *restrict mutex,
                  const struct timespec *restrict due) {
    static int (*real)(cnd_t *, mtx_t *, const struct timespec *);
    if (!real) real = next("cnd_timedwait", NULL);
    struct timespec then = unmoved(due);
    return real(cond, mutex, &then);
}

int pthread_mutex_timedlock(pthread_mutex_t *restrict mutex, const struct timespec *restrict due) {
    static int (*real)(pthread_mutex_t *, const struct timespec *);
    if (!real) real = next("pthread_mutex_timedlock", NULL);
    struct timespec then = unmoved(due);
    return real(mutex, &then);
}

int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict due) {
    static int (*real)(sem_t *, const struct timespec *);
    if (!real) real = next("sem_timedwait", NULL);
    struct timespec then = unmoved(due);
    return real(semaphore, &then);
}
