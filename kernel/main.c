/*
 * main.c -- starts the kernel, or installs it.
 *
 * The main thread is the session thread: it runs the interpreter. The wire thread (sockets.c) speaks with the
 * frontends, and outlives the session by the moment it takes to send the last messages. The history (history.c) has a
 * thread, too.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "connection.h"
#include "handshake.h"
#include "history.h"
#include "install.h"
#include "outbox.h"
#include "output.h"
#include "requests.h"
#include "session.h"
#include "sockets.h"

/* The sockets take 15 file descriptors, the session and the history 12, a client 5. */
#define DESCRIPTORS 64

static void usage(FILE *out) {
    fputs("usage: vint-kernel -f CONNECTION_FILE    serve the frontend that wrote the file; without a file, make one\n"
          "       vint-kernel install [OPTIONS]     make the kernel known to Jupyter\n"
          "       vint-kernel uninstall [OPTIONS]\n"
          "       vint-kernel --version | --help\n",
          out);
}

/* Blocks signals in this thread and those it will start: only the wire thread takes them, in step with messages. */
static void watch_signals(void) {
    struct sigaction action = {.sa_handler = sockets_note_signal, .sa_flags = SA_RESTART};
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/*
 * Opens everything in order; false, with [why], at the first thing that fails. Ports are told when all else is ready:
 * a client may connect to them at once.
 */
static bool open_all(Connection *connection, const char *path, const char *session, char *why) {
    if (!connection_read(connection, path, why)) return false;
    Connection asked = *connection;
    if (!sockets_open(connection, session, why) || !session_open(why)) return false;
    if (handshake_is_wanted(connection)) {
        return handshake_register(connection, why) && connection_write(connection, why);
    }
    bool chosen = memcmp(asked.port, connection->port, sizeof asked.port) != 0;
    return !chosen || connection_write(connection, why);
}

static int serve(const char *path) {
    Connection connection;
    char session[RANDOM_ID + 1], why[CONNECTION_WHY];
    if (!vint_descriptors(DESCRIPTORS, why)) {
        fprintf(stderr, "vint-kernel: %s\n", why);
        return 1;
    }
    wire_random_id(session);
    outbox_open();
    watch_signals();
    if (!open_all(&connection, path, session, why)) {
        fprintf(stderr, "vint-kernel: %s\n", why);
        session_close();
        connection_free(&connection);
        return 1;
    }
    if (connection_is_exposed(&connection)) {
        fprintf(stderr, "vint-kernel: others can read what goes to and from %s: the connection file has no curve keys\n",
                connection.ip);
    }
    requests_open(&connection);
    history_open();
    outbox_status(NULL, "starting");
    sockets_start();
    int status = session_run();
    bool ended = session_close();
    output_close();
    sockets_close();
    history_close();
    outbox_close();
    connection_free(&connection);
    if (!ended) _exit(status);
    return status;
}

int main(int argc, char **argv) {
    const char *command = argc > 1 ? argv[1] : "";
    if (strcmp(command, "-f") == 0 && argc >= 3) return serve(argv[2]); /* `jupyter run` adds its own arguments */
    if (strcmp(command, "install") == 0) return install_command(argc - 2, argv + 2);
    if (strcmp(command, "uninstall") == 0) return uninstall_command(argc - 2, argv + 2);
    if (strcmp(command, "--version") == 0 && argc == 2) {
        puts("vint-kernel " VINT_VERSION);
        return 0;
    }
    bool help = strcmp(command, "--help") == 0;
    usage(help ? stdout : stderr);
    if (help) install_usage();
    return help ? 0 : 2;
}
