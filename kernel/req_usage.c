/*
 * req_usage.c -- usage_request: what the kernel and its child processes take of the machine, as /proc tells it.
 *
 * Not in the protocol's text; ipykernel answers it, and JupyterLab's resource monitor asks for it every few seconds. A
 * share of processor time is an average since the last such request or, in the first one, since the start.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "requests.h"

#define DEPTH_MAX 16 /* generations of child processes that are looked at */

typedef struct {
    double cpu;      /* seconds of processor time */
    uint64_t memory; /* resident, bytes */
} Usage;

/* Reads the beginning of a file; false: there is none. A process may end at any moment. */
static bool read_start(const char *path, char *text, size_t size) {
    FILE *file = fopen(path, "re");
    if (!file) return false;
    size_t length = fread(text, 1, size - 1, file);
    fclose(file);
    text[length] = '\0';
    return length > 0;
}

/* Adds what one process takes; the time of its ended children is part of it. */
static void add_process(int pid, Usage *usage) {
    char path[64], text[4096];
    unsigned long user, system, pages;
    long ended_user, ended_system;
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    const char *name_end = read_start(path, text, sizeof text) ? strrchr(text, ')') : NULL;
    if (name_end && sscanf(name_end, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %ld %ld", &user, &system,
                           &ended_user, &ended_system) == 4) {
        usage->cpu += (double)(user + system + (unsigned long)(ended_user + ended_system)) / (double)sysconf(_SC_CLK_TCK);
    }
    snprintf(path, sizeof path, "/proc/%d/statm", pid);
    if (read_start(path, text, sizeof text) && sscanf(text, "%*u %lu", &pages) == 1) {
        usage->memory += (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
    }
}

/* A process and those it has started. */
static void add_tree(int pid, Usage *usage, int depth) {
    char path[64];
    add_process(pid, usage);
    snprintf(path, sizeof path, "/proc/%d/task", pid);
    DIR *threads = depth < DEPTH_MAX ? opendir(path) : NULL;
    if (!threads) return;
    for (struct dirent *thread; (thread = readdir(threads));) {
        char list[512], children[4096];
        snprintf(list, sizeof list, "%s/%s/children", path, thread->d_name);
        if (thread->d_name[0] == '.' || !read_start(list, children, sizeof children)) continue;
        char *rest = children, *word;
        while ((word = strsep(&rest, " ")) && rest) add_tree(atoi(word), usage, depth + 1); /* a blank follows each */
    }
    closedir(threads);
}

/* Processor time of the whole machine, in ticks: that which was used, and all there was. */
static bool read_host(unsigned long long *used, unsigned long long *all) {
    char text[512];
    unsigned long long t[8]; /* user nice system idle iowait irq softirq steal */
    if (!read_start("/proc/stat", text, sizeof text) ||
        sscanf(text, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", t, t + 1, t + 2, t + 3, t + 4, t + 5, t + 6,
               t + 7) != 8) {
        return false;
    }
    *used = t[0] + t[1] + t[2] + t[5] + t[6] + t[7];
    *all = *used + t[3] + t[4];
    return true;
}

/* A line "Name:  123 kB" of /proc/meminfo, in bytes. */
static uint64_t memory_line(const char *text, const char *name) {
    const char *line = strstr(text, name);
    return line ? strtoull(line + strlen(name), NULL, 10) * 1024 : 0;
}

static void print_memory(Buffer *out) {
    char text[4096];
    if (!read_start("/proc/meminfo", text, sizeof text)) return;
    uint64_t total = memory_line(text, "MemTotal:"), available = memory_line(text, "MemAvailable:");
    uint64_t free = memory_line(text, "\nMemFree:");
    if (total == 0) return;
    buffer_format(out, ",\"host_virtual_memory\":{\"total\":%llu,\"available\":%llu,\"used\":%llu,\"free\":%llu,"
                  "\"percent\":%.1f}", (unsigned long long)total, (unsigned long long)available,
                  (unsigned long long)(total - available), (unsigned long long)free,
                  100.0 * (double)(total - available) / (double)total);
}

void on_usage_request(Request *request) {
    static struct {
        double cpu;
        int64_t time; /* 0: there was no request before */
        unsigned long long used, all;
    } last;
    char host[256] = "";
    Usage usage = {0};
    unsigned long long used = 0, all = 0;
    gethostname(host, sizeof host - 1);
    add_tree(getpid(), &usage, 0);
    int64_t now = clock_now();
    if (!last.time) last.time = requests_opened();
    double seconds = (double)(now - last.time) / 1e9, cpu = usage.cpu - last.cpu;

    Message *reply = message_new(request->channel, "usage_reply", request);
    Buffer *out = &reply->content;
    buffer_text(out, "{\"status\":\"ok\",\"hostname\":");
    buffer_json_text(out, host);
    buffer_format(out, ",\"pid\":%d,\"kernel_cpu\":%.1f,\"kernel_memory\":%llu,\"cpu_count\":%ld", (int)getpid(),
                  seconds > 0 && cpu > 0 ? 100 * cpu / seconds : 0.0, (unsigned long long)usage.memory,
                  sysconf(_SC_NPROCESSORS_ONLN));
    if (read_host(&used, &all) && last.all && all > last.all) {
        buffer_format(out, ",\"host_cpu_percent\":%.1f", 100.0 * (double)(used - last.used) / (double)(all - last.all));
    }
    print_memory(out);
    buffer_text(out, "}");
    outbox_push(reply);
    last.cpu = usage.cpu;
    last.time = now;
    last.used = used;
    last.all = all;
}
