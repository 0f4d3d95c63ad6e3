/*
 * code.h -- what the compiler makes: functions as plain data, in an arena, free of values and heap.
 *
 * The virtual machine makes protos of the functions (vm/load.c): names of globals become slots, constants become values.
 * The functions stay in their arena, as long as the protos live. The compiler can be tested without a machine, and nothing
 * in it has to know of the collector.
 */
#ifndef CODE_H
#define CODE_H

#include "opcodes.h"
#include "syntax/ast.h"
#include "syntax/diagnostic.h"

#define CODE_REGISTER_LIMIT 250 /* per function; one byte names a register */

typedef enum { CONST_INT, CONST_FLOAT, CONST_STRING, CONST_LIST } ConstantKind;

typedef struct {
    ConstantKind kind;
    union {
        int64_t integer;
        double number;
        struct { const char *text; uint32_t length; } string;
        struct { const char **names; int count; } list; /* of names: keyword arguments, fields */
    };
} Constant;

/*
 * A type as the machine checks it. Names that are not basic stand for globals, looked at when a check runs: TypeNode.global
 * is -1 - the unit's number of it, and once the machine has loaded the unit, 1 + its own number.
 */
typedef struct {
    TypeNode *type;
    const char *name;  /* of the variable, parameter, field or function that has the type; may be NULL */
    const char *owner; /* struct or method the name belongs to; may be NULL */
} CodeType;

typedef struct {
    bool from_parent_register; /* else from the parent's own captures */
    uint8_t index;
} Capture;

/*
 * A protected region: an error raised at code[start <= pc < end] continues at [target] with the error in R[reg]. Inner
 * ones come first.
 */
typedef struct {
    uint32_t start, end, target;
    uint8_t reg;
} Handler;

typedef struct CodeFunction {
    struct CodeFunction *outer; /* the function around it; NULL: it is a unit's code */
    const char *name; /* NULL: anonymous; "<main>" for a unit's code */
    bool is_async, is_method; /* a method's R[0] is `this` and counts as a parameter */
    uint8_t parameter_count;  /* methods: without `this` */
    uint8_t required_count;   /* parameters from the first up to the last without a default */
    const char **parameter_names;
    bool *has_default; /* for each parameter: it may be left out even before a required one, by calls with keywords */
    uint32_t *code;
    uint32_t *places; /* for each word of code: the byte of the source it stands for */
    int code_length;
    int register_count;
    Constant *constants;
    int constant_count;
    struct CodeFunction **functions;
    int function_count;
    CodeType *types;
    int type_count;
    Capture *captures;
    int capture_count;
    const char **local_names; /* of all its variables, whatever block they are in: for messages */
    int local_count;
    Handler *handlers;
    int handler_count;
    uint32_t *cache_names; /* for each inline cache, -1 - its number in the code: the constant that is the name */
    int cache_count;
    Span span; /* in the source: what `??name` shows */
} CodeFunction;

typedef struct {
    CodeFunction *main;
    const char **globals; /* names of the globals that the unit's words X refer to */
    int global_count;
    bool *declares;       /* for each: this unit declares it at top level */
    bool *hidden;         /* for each: its name is not known outside of the unit */
    bool has_result;      /* the main function returns the last expression's value (interactive units) */
} CodeUnit;

typedef struct {
    bool interactive; /* the last expression statement, if not followed by `;`, is what the main function returns;
                       * magics are understood */
    uint32_t start;   /* the code begins at this byte of the text; what stands before it is for messages only */
    bool prelude;     /* the source is the prelude's, or that of a module that comes with the program */
} CompileOptions;

/*
 * Compiles a tree without errors. Problems (break outside a loop, names declared twice, too many registers …) are
 * added to [diagnostics]; NULL when there are any. Everything lives in [arena] and refers to [source] by offsets
 * only.
 */
CodeUnit *compile_unit(Arena *arena, const Source *source, Node *tree, const CompileOptions *options,
                       Diagnostics *diagnostics);

/* Is [name] a variable of the function or of one around it, in whatever block? */
bool code_has_local(const CodeFunction *function, const char *name);

/* The disassembly of a function and those inside it, as text in [arena]. */
const char *code_disassemble(Arena *arena, const Source *source, const CodeUnit *unit);

#endif
