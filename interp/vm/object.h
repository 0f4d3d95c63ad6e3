/*
 * object.h -- the layout of heap objects that have no file of their own. Those that have one: string.h, array.h, dict.h,
 * moment.h (times, durations), proto.h (functions), native.h, error.h, pointer.h; task.h, promise.h, channel.h.
 *
 * Objects are made by functions and never freed by hand: the collector does (gc.c). It runs only at safe points,
 * between two instructions, so C code may hold any object in a local variable. What C code must do is tell the
 * collector of every reference it stores into an object that existed before: gc_write() in gc.h; array_push(),
 * dict_set() and the like do it.
 */
#ifndef OBJECT_H
#define OBJECT_H

#include "proto.h"
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

/* What `struct` declares. */
struct Struct {
    Obj obj;             /* hash: cache_key() of its instances */
    String *name;
    Closure *constructor;
    Dict *methods;       /* name -> closure */
    uint32_t field_count;
    String **field_names;
    TypeEntry *field_types;
    Unit *unit;          /* counted: the field types live there */
};

struct Instance {
    Obj obj; /* hash: cache_key(), as its structure has it */
    Struct *structure;
    Value fields[];
};

struct Enum {
    Obj obj;
    String *name;
    Dict *members; /* name -> value */
};

/* A module or package: names and values, reached with a dot. */
struct Module {
    Obj obj;
    bool is_package; /* `package Name {…}`: its members are boxes */
    String *name;
    Dict *members;
};

/* A type annotation as a value: what is declared of a variable, what `type` gives a name. */
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

/* A call that `defer` has put off. */
struct Deferred {
    Obj obj;
    uint32_t count; /* callee and arguments */
    Value call[];
};

/* None of these ever fails: see heap_object(). */
Range *range_new(Vm *vm, int64_t from, int64_t to);
Box *box_new(Vm *vm, Value value);
Module *module_new(Vm *vm, String *name);
Enum *enum_new(Vm *vm, String *name);
Instance *instance_new(Vm *vm, Struct *structure); /* all fields null */
Resource *resource_new(Vm *vm, const ResourceKind *kind, void *data);

/* The collector frees [object], which may be of any kind: what it owns goes. Its block is the heap's business. */
void object_destroy(Vm *vm, Obj *object);

#endif
