/*
 * install.c -- writes a kernelspec: a folder with kernel.json and the logos, where Jupyter frontends look for them.
 *
 * kernel.json names this very executable by its absolute path. The other files are part of the executable, so that it
 * can install itself from wherever it stands.
 */
#include "install.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buffer.h"
#include "wire.h"

#define FILE_LIST(X) \
    X(logo_32, "logo-32x32.png") \
    X(logo_64, "logo-64x64.png") \
    X(logo_svg, "logo-svg.svg")

/* Puts each file of kernelspec/ into the read-only data of the program. */
#define X(id, name) \
    __asm__(".section .rodata\nfile_" #id ":\n.incbin \"kernelspec/" name "\"\nfile_" #id "_end:\n.previous\n"); \
    extern const char file_##id[], file_##id##_end[];
FILE_LIST(X)
#undef X

static const struct {
    const char *name, *start, *end;
} files[] = {
#define X(id, name) {name, file_##id, file_##id##_end},
    FILE_LIST(X)
#undef X
};

#define SPEC_FILE "kernel.json"

typedef struct {
    const char *name, *display_name;
    const char *prefix; /* NULL: the user's data folder */
} Options;

void install_usage(void) {
    fputs("\nOPTIONS say where, and as what:\n"
          "  --user               for this user (the default)\n"
          "  --sys-prefix         in the active virtual or conda environment\n"
          "  --prefix DIR         in DIR/share/jupyter/kernels\n"
          "  --name NAME          name of the kernel (vint)\n"
          "  --display-name TEXT  what frontends show (VintLang)\n",
          stdout);
}

static int fail(const char *what, const char *path) {
    fprintf(stderr, "vint-kernel: cannot %s %s: %s\n", what, path, strerror(errno));
    return 1;
}

static bool is_kernel_name(const char *name) {
    for (const char *c = name; *c; c++) {
        if (!isalnum((unsigned char)*c) && !strchr("._-", *c)) return false;
    }
    return *name != '\0' && *name != '.';
}

/* False, and a message, when the arguments make no sense. */
static bool parse(int argc, char **argv, Options *options) {
    *options = (Options){.name = "vint", .display_name = "VintLang"};
    for (int i = 0; i < argc; i++) {
        bool has_value = i + 1 < argc;
        if (strcmp(argv[i], "--user") == 0) {
            options->prefix = NULL;
        } else if (strcmp(argv[i], "--sys-prefix") == 0) {
            options->prefix = getenv("VIRTUAL_ENV") ? getenv("VIRTUAL_ENV") : getenv("CONDA_PREFIX");
            if (!options->prefix) {
                fputs("vint-kernel: --sys-prefix: no environment is active; use --prefix DIR\n", stderr);
                return false;
            }
        } else if (strcmp(argv[i], "--prefix") == 0 && has_value) {
            options->prefix = argv[++i];
        } else if (strcmp(argv[i], "--name") == 0 && has_value) {
            options->name = argv[++i];
        } else if (strcmp(argv[i], "--display-name") == 0 && has_value) {
            options->display_name = argv[++i];
        } else {
            fprintf(stderr, "vint-kernel: what is %s? See vint-kernel --help\n", argv[i]);
            return false;
        }
    }
    if (!is_kernel_name(options->name)) {
        fputs("vint-kernel: a kernel's name is made of letters, digits, '.', '_' and '-'\n", stderr);
        return false;
    }
    return true;
}

/* Prints the path of the kernelspec's folder, with a NUL at the end. */
static void print_folder(Buffer *path, const Options *options) {
    const char *home = getenv("HOME");
    const char *data = getenv("JUPYTER_DATA_DIR"), *share = getenv("XDG_DATA_HOME");
    if (options->prefix) {
        buffer_format(path, "%s/share/jupyter", options->prefix);
    } else if (data && *data) {
        buffer_text(path, data);
    } else if (share && *share) {
        buffer_format(path, "%s/jupyter", share);
    } else {
        buffer_format(path, "%s/.local/share/jupyter", home ? home : "");
    }
    buffer_format(path, "/kernels/%s", options->name);
    buffer_add(path, "", 1);
}

/* Makes a folder and those above it. */
static bool make_folders(char *path) {
    for (char *slash = path + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        bool made = mkdir(path, 0777) == 0 || errno == EEXIST;
        *slash = '/';
        if (!made) return false;
    }
    return mkdir(path, 0777) == 0 || errno == EEXIST;
}

static bool write_file(const char *folder, const char *name, const char *data, size_t length) {
    Buffer path = {0};
    buffer_format(&path, "%s/%s", folder, name);
    buffer_add(&path, "", 1);
    FILE *file = fopen(path.data, "wb");
    bool ok = file && fwrite(data, 1, length, file) == length;
    if (file) ok = fclose(file) == 0 && ok;
    buffer_free(&path);
    return ok;
}

static char *spec_text(const Options *options) {
    char program[4096];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length < 0) return NULL;
    program[length] = '\0';
    json_t *spec = json_pack("{s[sss] ss ss ss ss s{sb}}", "argv", program, "-f", "{connection_file}", "display_name",
                             options->display_name, "language", "vint", "interrupt_mode", "message",
                             "kernel_protocol_version", WIRE_PROTOCOL, "metadata", "debugger", 0);
    char *text = json_dumps(spec, JSON_INDENT(2));
    json_decref(spec);
    return text;
}

int install_command(int argc, char **argv) {
    Options options;
    if (!parse(argc, argv, &options)) return 2;
    Buffer folder = {0};
    print_folder(&folder, &options);
    char *spec = spec_text(&options);
    bool ok = spec && make_folders(folder.data);
    for (size_t i = 0; ok && i < sizeof files / sizeof *files; i++) {
        ok = write_file(folder.data, files[i].name, files[i].start, (size_t)(files[i].end - files[i].start));
    }
    ok = ok && write_file(folder.data, SPEC_FILE, spec, strlen(spec));
    int status = ok ? 0 : fail("write", folder.data);
    if (ok) printf("Installed kernelspec %s in %s\n", options.name, folder.data);
    free(spec);
    buffer_free(&folder);
    return status;
}

static bool remove_file(const char *folder, const char *name) {
    Buffer path = {0};
    buffer_format(&path, "%s/%s", folder, name);
    buffer_add(&path, "", 1);
    bool ok = unlink(path.data) == 0 || errno == ENOENT;
    buffer_free(&path);
    return ok;
}

int uninstall_command(int argc, char **argv) {
    Options options;
    if (!parse(argc, argv, &options)) return 2;
    Buffer folder = {0};
    print_folder(&folder, &options);
    bool ok = access(folder.data, F_OK) == 0 && remove_file(folder.data, SPEC_FILE);
    for (size_t i = 0; ok && i < sizeof files / sizeof *files; i++) ok = remove_file(folder.data, files[i].name);
    ok = ok && rmdir(folder.data) == 0;
    int status = ok ? 0 : fail("remove", folder.data);
    if (ok) printf("Removed kernelspec %s from %s\n", options.name, folder.data);
    buffer_free(&folder);
    return status;
}
