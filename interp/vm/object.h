/*
 * object.h -- the layout of heap objects that have no file of their own. Strings, arrays, dicts: string.h, array.h, dict.h;
 * tasks and promises: task.h.
 *
 * Objects are made by the functions here and never freed by hand: the collector does (gc.c). It runs only at safe points,
 * between two instructions, so C code may hold any object in a local variable. What C code must do is tell the collector of
 * every reference it stores into an object that existed before: gc_write() in gc.h; array_push(), dict_set() and the like do it.
 */
#ifndef OBJECT_H
#define OBJECT_H

#include "compile/code.h"
#include "value.h"

struct Range {
    Obj obj;
    int64_t from, to; /* both included */
};

/* A variable that closures share (see compile/scope.c for when one is needed). */
#define BOX_CONST 1 /* flag: a constant, not to be written through a package or a pointer */
struct Box {
    Obj obj;
    Value value;
};

/* Bytes that several strings may look at (string.h). */
struct Buffer {
    Obj obj;
    uint32_t capacity, used;
    char bytes[];
};

/* An inline cache beside the code: what a name led to the last time, for receivers of type [key]. */
typedef struct {
    uint32_t key;  /* type id of the receiver (type_id()); 0: empty */
    uint32_t name; /* the constant that is the name */
    union {
        struct {
            uint32_t slot; /* fields: the index */
            uint32_t mask; /* fields: which types may be stored without a further look, as in TypeEntry */
        };
        Obj *method; /* methods: what to call */
    };
} Cache;

typedef struct {
    TypeNode *type;       /* lives in the unit's arena; NULL: anything */
    uint32_t mask;        /* bit per ValueType that fits without a further look */
    String *name, *owner; /* may be NULL */
} TypeEntry;

/* A loaded unit: what the protos of one source share. Counted by its protos. */
typedef struct {
    unsigned references;
    Source *source;
    Arena arena; /* the compiled code's; kept for type nodes and parameter names */
    size_t bytes; /* of arena and source: counted in the heap, so that the collector is called for them */
} Unit;

/* A function's code, loaded. */
struct Proto {
    Obj obj;
    Unit *unit;
    CodeFunction *code_function; /* in the unit's arena: names, handlers, captures, places */
    String *name;                /* NULL: anonymous */
    uint32_t *code;              /* own copy: global slots are patched in */
    Value *constants;
    Proto **functions;
    TypeEntry *types;
    /* The caches lie before the constants, in one block: cache number n < 0 is ((Cache *)constants)[n]. */
    uint16_t register_count;
    uint8_t parameter_count;     /* `this` included */
    uint8_t required_count;      /* `this` included */
    bool plain;                  /* not async: a call with parameter_count arguments needs nothing more */
    bool is_prelude;             /* left out of call stacks */
};

struct Closure {
    Obj obj;
    Proto *proto;
    Value captures[]; /* proto->code_function->capture_count; variables that change are boxes */
};

/* Functions of one name and different arity, in order of declaration. */
struct Overload {
    Obj obj;
    uint32_t count;
    Closure *functions[];
};

struct Struct {
    Obj obj;             /* hash: type id of its instances */
    String *name;
    Closure *constructor;
    Dict *methods;       /* name -> closure */
    uint32_t field_count;
    String **field_names;
    TypeEntry *field_types;
    Unit *unit;          /* counted: the field types live there */
};

struct Instance {
    Obj obj; /* hash: its type id, the structure's */
    Struct *structure;
    Value fields[];
};

struct Enum {
    Obj obj;
    String *name;
    Dict *members; /* name -> value */
};

typedef enum { POINTER_TO_BOX, POINTER_TO_INDEX, POINTER_TO_FIELD, POINTER_TO_GLOBAL } PointerKind;

struct Pointer {
    Obj obj; /* flags: PointerKind */
    Value base; /* the box, the container, the instance; an INT slot for a global */
    Value key;  /* element key or field name; of a box: the variable's declared type, or null */
};

struct ErrorType {
    Obj obj;
    String *name;
    uint32_t field_count;
    String **field_names;
};

/* Where a frame stood. */
typedef struct {
    Proto *proto;
    uint32_t pc; /* index of the word after the instruction */
} TracePoint;

#define ERROR_RAISED 1 /* flag: has its trace already; throwing it again keeps the first place */
#define ERROR_CUSTOM 2 /* flag: made by an error type; type() says CUSTOM_ERROR */
#define ERROR_ENDING 4 /* flag: asks the task to end (Interrupted, Cancelled): only a clause that names it catches it */

/* An error as a value: raised or not. */
struct Error {
    Obj obj;
    String *name;      /* "TypeError", "Error", a custom error's name */
    String *message;
    Value value;       /* what was thrown when it was no error; UNDEFINED otherwise */
    Dict *data;        /* custom error: its fields by name; NULL otherwise */
    ErrorType *type;   /* custom error; NULL otherwise */
    TracePoint *trace; /* innermost first */
    uint32_t trace_count;
    uint32_t trace_skipped; /* frames left out of the middle */
    Proto *origin;     /* where the task was started that raised it; NULL for main code */
    uint32_t origin_pc;
};

/* A module or package: names and values, reached with a dot. */
struct Module {
    Obj obj;
    bool is_package; /* `package Name {…}`: its members are boxes */
    String *name;
    Dict *members;
};

struct TypeValue {
    Obj obj;
    String *name;
    Unit *unit; /* counted */
    TypeNode *type;
};

/* A file that the program has opened by name; it holds none of the system's handles. */
struct File {
    Obj obj;
    String *path;
    String *content; /* as it was read or written last; NULL: there was no such file */
};

/* Something outside of the heap that a program holds, such as a connection. It goes with the object that stands for it. */
typedef struct {
    const char *name;                    /* the print form is <name> */
    void (*destroy)(Vm *vm, void *data); /* frees [data], which is not NULL; must not touch the heap */
} ResourceKind;

struct Resource {
    Obj obj;
    const ResourceKind *kind;
    void *data; /* NULL: it has been closed by hand */
};

struct Deferred {
    Obj obj;
    uint32_t count; /* callee and arguments */
    Value call[];
};

Range *range_new(Vm *vm, int64_t from, int64_t to);
Box *box_new(Vm *vm, Value value);
Closure *closure_new(Vm *vm, Proto *proto);
Module *module_new(Vm *vm, String *name);
Enum *enum_new(Vm *vm, String *name);
Instance *instance_new(Vm *vm, Struct *structure); /* all fields null */
Resource *resource_new(Vm *vm, const ResourceKind *kind, void *data);
Pointer *pointer_new(Vm *vm, PointerKind kind, Value base, Value key);

/* Reading and writing through a pointer (pointer.c); false with an error raised. */
bool pointer_read(Vm *vm, const Pointer *pointer, Value *value);
bool pointer_write(Vm *vm, const Pointer *pointer, const Value *value);

/* The value at the end of a chain of pointers; any other value as it is. False with an error raised. */
bool pointer_follow(Vm *vm, Value value, Value *target);

/* The number inline caches compare: one per built-in type, one per struct declared. */
static inline uint32_t type_id(Value v) {
    return v.tag == T_INSTANCE ? v.obj->hash : v.tag + 1;
}

#endif
