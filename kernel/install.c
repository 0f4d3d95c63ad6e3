/*
 * install.c -- makes the kernel known to Jupyter: kernel.json where frontends look for kernels, and beside it what
 * they need to show VintLang in its colours.
 *
 *     DATA/kernels/NAME/              kernel.json, logos, kernel.js       (DATA: PREFIX/share/jupyter, or the user's)
 *     DATA/labextensions/vintlang/    the extension of JupyterLab and Notebook 7
 *     .../site-packages/vintlang/     the lexer for nbconvert and the console; in the same prefix, or the user's own
 *
 * kernel.json names this very executable by its absolute path. The other files are part of the executable, so that it
 * can install itself from wherever it stands. A kernel works without colours for Python's side, so where no Python is
 * found this is said, and the kernel names a lexer that every Pygments has.
 */
#include "install.h"

#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "install_files.h"
#include "wire.h"

typedef struct {
    const char *name, *display_name;
    const char *prefix; /* NULL: the user's own folders */
    bool replace;
} Options;

void install_usage(void) {
    fputs("\nOPTIONS say where, and as what:\n"
          "  --user               for this user (the default)\n"
          "  --sys-prefix         in the active virtual or conda environment\n"
          "  --prefix DIR         in DIR/share/jupyter\n"
          "  --name NAME          name of the kernel (vint)\n"
          "  --display-name TEXT  what frontends show (VintLang)\n"
          "  --replace            also when another kernel has that name\n",
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
            const char *python = getenv("VIRTUAL_ENV"), *conda = getenv("CONDA_PREFIX");
            options->prefix = python && *python ? python : conda;
            if (!options->prefix || !*options->prefix) {
                fputs("vint-kernel: --sys-prefix: no environment is active; use --prefix DIR\n", stderr);
                return false;
            }
        } else if (strcmp(argv[i], "--prefix") == 0 && has_value) {
            options->prefix = argv[++i];
        } else if (strcmp(argv[i], "--name") == 0 && has_value) {
            options->name = argv[++i];
        } else if (strcmp(argv[i], "--replace") == 0) {
            options->replace = true;
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

/* ---- where ---- */

/* Jupyter's data folder. malloc'ed, as all paths here. */
static char *data_folder(const Options *options) {
    Buffer path = {0};
    if (options->prefix) return install_print("%s/share/jupyter", options->prefix);
    files_jupyter_data(&path);
    buffer_add(&path, "", 1);
    return path.data;
}

static char *kernel_folder(const char *data, const char *name) {
    return install_print("%s/kernels/%s", data, name);
}

static char *lab_folder(const char *data) {
    return install_print("%s/labextensions/vintlang", data);
}

/* Calls [fn] for each folder where Python looks for packages: all there are in the prefix, or the user's own one. */
static void each_python(const Options *options, void (*fn)(const char *folder, void *arg), void *arg) {
    if (options->prefix) {
        char *pattern = install_print("%s/lib/python3*/{site,dist}-packages", options->prefix);
        glob_t found;
        if (glob(pattern, GLOB_BRACE, NULL, &found) == 0) {
            for (size_t i = 0; i < found.gl_pathc; i++) fn(found.gl_pathv[i], arg);
            globfree(&found);
        }
        free(pattern);
        return;
    }
    FILE *python = popen("python3 -m site --user-site 2>/dev/null", "r");
    if (!python) return;
    char folder[4096];
    if (fgets(folder, sizeof folder, python) && folder[0] == '/') {
        folder[strcspn(folder, "\n")] = '\0';
        fn(folder, arg);
    }
    pclose(python);
}

/* ---- kernel.json ---- */

static char *spec_path(const char *folder) {
    return install_print("%s/kernel.json", folder);
}

/* Is the kernel in [folder], if there is any, another program than this? */
static bool is_foreign(const char *folder) {
    char *path = spec_path(folder);
    bool exists = access(path, F_OK) == 0;
    json_t *spec = json_load_file(path, 0, NULL);
    free(path);
    const char *program = json_string_value(json_array_get(json_object_get(spec, "argv"), 0));
    const char *slash = program ? strrchr(program, '/') : NULL;
    bool ours = slash && strcmp(slash, "/vint-kernel") == 0;
    json_decref(spec);
    return exists && !ours;
}

static int refuse(const char *folder, const char *hint) {
    fprintf(stderr, "vint-kernel: in %s is another kernel%s\n", folder, hint);
    return 1;
}

/* malloc'ed; NULL with errno. [has_lexer]: Pygments knows VintLang there (see req_info.c). */
static char *spec_text(const Options *options, bool has_lexer) {
    char program[4096];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length < 0) return NULL;
    program[length] = '\0';
    json_t *spec = json_pack("{s[sss] ss ss ss ss s{sb s[s]}}", "argv", program, "-f", "{connection_file}",
                             "display_name", options->display_name, "language", "vint", "interrupt_mode", "message",
                             "kernel_protocol_version", WIRE_PROTOCOL ".0", "metadata", "debugger", 0,
                             "supported_encryption", "curve");
    if (has_lexer) json_object_set_new(spec, "env", json_pack("{ss}", "VINT_PYGMENTS_LEXER", "vint"));
    char *text = json_dumps(spec, JSON_INDENT(2));
    json_decref(spec);
    return text;
}

static void write_python(const char *folder, void *arg) {
    int *written = arg;
    if (install_files_write(PLACE_PYTHON, folder)) {
        printf("Installed the colours for nbconvert and the console in %s/vintlang\n", folder);
        ++*written;
    } else {
        fail("write into", folder);
    }
}

int install_command(int argc, char **argv) {
    Options options;
    if (!parse(argc, argv, &options)) return 2;
    char *data = data_folder(&options), *folder = kernel_folder(data, options.name), *lab = lab_folder(data);
    int status = 0, lexers = 0;
    if (is_foreign(folder) && !options.replace) {
        status = refuse(folder, "; --replace puts this one in its place");
    } else if (is_foreign(folder) && !install_files_remove(folder)) {
        status = fail("remove", folder);
    } else if (!install_files_write(PLACE_LAB, lab)) {
        status = fail("write", lab);
    } else {
        each_python(&options, write_python, &lexers);
        if (!lexers) puts("No Python was found there: nbconvert and the console will take VintLang for JavaScript");
        char *path = spec_path(folder), *spec = spec_text(&options, lexers > 0);
        bool ok = spec && install_files_write(PLACE_KERNEL, folder) && install_file_write(path, spec, strlen(spec));
        if (ok) printf("Installed the colours for JupyterLab and Notebook 7 in %s\n", lab);
        if (ok) printf("Installed kernelspec %s in %s\n", options.name, folder);
        status = ok ? 0 : fail("write", folder);
        free(path);
        free(spec);
    }
    free(data);
    free(folder);
    free(lab);
    return status;
}

static void remove_python(const char *folder, void *arg) {
    int *status = arg;
    char *package = install_print("%s/vintlang", folder), *info = install_print("%s.dist-info", package);
    if (!install_files_remove(package) || !install_files_remove(info)) *status = fail("remove", package);
    free(package);
    free(info);
}

/* Is a kernel of this program left below [data]? */
static bool is_needed(const char *data) {
    char *pattern = kernel_folder(data, "*");
    glob_t found;
    bool needed = false;
    if (glob(pattern, 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++) {
            char *path = spec_path(found.gl_pathv[i]);
            needed |= access(path, F_OK) == 0 && !is_foreign(found.gl_pathv[i]);
            free(path);
        }
        globfree(&found);
    }
    free(pattern);
    return needed;
}

int uninstall_command(int argc, char **argv) {
    Options options;
    if (!parse(argc, argv, &options)) return 2;
    char *data = data_folder(&options), *folder = kernel_folder(data, options.name), *lab = lab_folder(data);
    int status = 0;
    if (is_foreign(folder)) {
        status = refuse(folder, "");
    } else if (access(folder, F_OK) != 0 || !install_files_remove(folder)) {
        status = fail("remove", folder);
    } else {
        printf("Removed kernelspec %s from %s\n", options.name, folder);
        if (!is_needed(data)) {
            if (!install_files_remove(lab)) status = fail("remove", lab);
            each_python(&options, remove_python, &status);
            if (status == 0) puts("Removed the colours that came with it");
        }
    }
    free(data);
    free(folder);
    free(lab);
    return status;
}
