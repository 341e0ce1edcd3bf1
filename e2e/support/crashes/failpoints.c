// A preloaded library that stops the process, or fails a call, at the n-th step that changes files below a directory.
//
// A step is a call of the C library that writes, syncs, creates, renames or deletes. The file FAILPOINTS contains what
// to do (struct plan); the test changes it while the process runs. Calls without the C library (fallocate, syncfs) are
// not seen.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { BEFORE, AFTER, HALF, FAIL };

struct plan {
    _Atomic long left;   // steps until something happens; 0: nothing happens
    _Atomic long steps;  // steps so far
    int action;
    int error;           // for FAIL
    int lies;            // syncs do nothing, and say that they did
    char step[28];       // the call at which it happened
    char only[28];       // only these calls count; empty: all
};

static struct plan *plan;
static const char *directory;

__attribute__((constructor)) static void start(void) {
    const char *file = getenv("FAILPOINTS");
    directory = getenv("FAILPOINTS_BELOW");
    if (!file || !directory) return;
    int fd = open(file, O_RDWR | O_CLOEXEC);
    if (fd < 0) return;
    void *at = mmap(NULL, sizeof(struct plan), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (at != MAP_FAILED) plan = at;
}

static int is_below(const char *path) {
    size_t length = strlen(directory);
    return strncmp(path, directory, length) == 0 && (path[length] == '/' || path[length] == 0);
}

static int is_ours(int fd) {
    char link[32], path[PATH_MAX];
    if (!plan) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return is_below(path);
}

static int is_our_path(int at, const char *path) {
    if (!plan) return 0;
    return path[0] == '/' ? is_below(path) : at != AT_FDCWD && is_ours(at);
}

static int lies(int fd) {
    return plan && plan->lies && is_ours(fd);
}

// Stops all threads at once: none can send an answer any more. The test then kills the process.
static void end(void) {
    kill(getpid(), SIGSTOP);
    for (;;) pause();
}

// Counts a step. Returns what is to be done at it, or -1.
static int step(const char *name, int ours) {
    if (!ours) return -1;
    atomic_fetch_add(&plan->steps, 1);
    if (plan->only[0] && strcmp(plan->only, name) != 0) return -1;
    long left = atomic_load(&plan->left);
    do {
        if (left <= 0) return -1;
    } while (!atomic_compare_exchange_weak(&plan->left, &left, left - 1));
    if (left > 1) return -1;
    strncpy(plan->step, name, sizeof plan->step - 1);
    if (plan->action == BEFORE) end();
    return plan->action;
}

#define REAL(name) static __typeof__(name) *real; if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

#define STEP(name, ours, call, half)                 \
    REAL(name);                                      \
    int action = step(#name, ours);                  \
    if (action == FAIL) { errno = plan->error; return -1; } \
    if (action == HALF) { half; end(); }             \
    __auto_type result = call;                       \
    if (action == AFTER) end();                      \
    return result

#define NOTHING (void)0

int fsync(int fd) { STEP(fsync, is_ours(fd), lies(fd) ? 0 : real(fd), NOTHING); }
int fdatasync(int fd) { STEP(fdatasync, is_ours(fd), lies(fd) ? 0 : real(fd), NOTHING); }
int ftruncate64(int fd, off64_t length) { STEP(ftruncate64, is_ours(fd), real(fd, length), NOTHING); }
ssize_t write(int fd, const void *bytes, size_t count) {
    STEP(write, is_ours(fd), real(fd, bytes, count), real(fd, bytes, count / 2));
}
ssize_t writev(int fd, const struct iovec *pieces, int count) {
    STEP(writev, is_ours(fd), real(fd, pieces, count), real(fd, pieces, count / 2));
}
ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
    // A half that is a multiple of a block: the file may be written without the page cache.
    STEP(pwrite64, is_ours(fd), real(fd, bytes, count, at), real(fd, bytes, count > 4096 ? count / 8192 * 4096 : count / 2, at));
}
int rename(const char *from, const char *to) { STEP(rename, is_our_path(AT_FDCWD, to), real(from, to), NOTHING); }
int linkat(int a, const char *from, int b, const char *to, int flags) {
    STEP(linkat, is_our_path(b, to), real(a, from, b, to, flags), NOTHING);
}
int unlink(const char *path) { STEP(unlink, is_our_path(AT_FDCWD, path), real(path), NOTHING); }
int unlinkat(int at, const char *path, int flags) {
    STEP(unlinkat, is_our_path(at, path), real(at, path, flags), NOTHING);
}
int mkdir(const char *path, mode_t mode) { STEP(mkdir, is_our_path(AT_FDCWD, path), real(path, mode), NOTHING); }
int rmdir(const char *path) { STEP(rmdir, is_our_path(AT_FDCWD, path), real(path), NOTHING); }
int open64(const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;
    va_end(more);
    STEP(open64, flags & O_CREAT && is_our_path(AT_FDCWD, path), real(path, flags, mode), NOTHING);
}
