/* Copies a store after each of its syncs, for a test of power cuts: what is in a copy was synced, and what was written
 * after it may be gone. Preloaded into a worker; SYNC_COPIES names the folder. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned long syncs = 0;

static void copy(const char *from, const char *to) {
    char buffer[65536];
    ssize_t count;
    int in = open(from, O_RDONLY), out;
    if (in < 0) return;
    out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    while (out >= 0 && (count = read(in, buffer, sizeof buffer)) > 0)
        if (write(out, buffer, (size_t)count) != count) break;
    if (out >= 0) close(out);
    close(in);
}

static void synced(int fd) {
    char link[64], path[PATH_MAX], to[PATH_MAX], from[PATH_MAX], latest[PATH_MAX];
    const char *copies = getenv("SYNC_COPIES");
    ssize_t length;
    char *end;
    FILE *file;
    if (!copies) return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return;
    path[length] = 0;
    end = strstr(path, "store.db");
    if (!end) return;
    end[strlen("store.db")] = 0;
    pthread_mutex_lock(&lock);
    syncs++;
    snprintf(to, sizeof to, "%s/%lu", copies, syncs);
    mkdir(to, 0700);
    snprintf(to, sizeof to, "%s/%lu/store.db", copies, syncs);
    copy(path, to);
    snprintf(from, sizeof from, "%s-wal", path);
    snprintf(to, sizeof to, "%s/%lu/store.db-wal", copies, syncs);
    copy(from, to);
    snprintf(to, sizeof to, "%s/latest.new", copies);
    snprintf(latest, sizeof latest, "%s/latest", copies);
    file = fopen(to, "w");
    if (file) {
        fprintf(file, "%lu\n", syncs);
        fclose(file);
        rename(to, latest);
    }
    pthread_mutex_unlock(&lock);
}

int fsync(int fd) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    int answer = real(fd);
    synced(fd);
    return answer;
}

int fdatasync(int fd) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    int answer = real(fd);
    synced(fd);
    return answer;
}
