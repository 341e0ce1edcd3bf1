// A preloaded library that shifts the wall clock of a process by the seconds in the file CLOCK_OFFSET, which may change
// while the process runs.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static _Atomic long *offset;
static int (*of_system)(clockid_t, struct timespec *);

__attribute__((constructor)) static void start(void) {
    of_system = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    const char *file = getenv("CLOCK_OFFSET");
    int fd = file ? open(file, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0) return;
    void *at = mmap(NULL, sizeof *offset, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    if (at != MAP_FAILED) offset = at;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    if (!of_system) start();
    int result = of_system(clock, time);
    if (result == 0 && clock == CLOCK_REALTIME && offset) time->tv_sec += atomic_load(offset);
    return result;
}
