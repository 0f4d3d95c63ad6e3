/*
 * proto.h -- functions at run time: a function's code, loaded (load.c makes it), and the closures made of it.
 *
 * A closure is a proto with the variables that it has captured. All protos of one source share its unit, the compiled
 * code.
 */
#ifndef PROTO_H
#define PROTO_H

#include "compile/code.h"
#include "value.h"

/* An inline cache beside the code: what a name led to the last time, for receivers of type [key]. */
typedef struct {
    uint32_t key;  /* of the receiver: cache_key(); 0: empty */
    uint32_t name; /* the constant that is the name */
    union {
        struct {
            uint32_t slot; /* fields: the index */
            uint32_t mask; /* fields: which types may be stored without a further look, as in TypeEntry */
        };
        Obj *method; /* methods: what to call */
    };
} Cache;

/* One number for each built-in type, one for each struct declared. */
static inline uint32_t cache_key(Value receiver) {
    return receiver.tag == T_INSTANCE ? receiver.obj->hash : receiver.tag + 1;
}

/* A type annotation, ready to be checked (type.h). */
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
    uint32_t *code;              /* the function's, with the slots of globals patched in */
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

Closure *closure_new(Vm *vm, Proto *proto); /* its captures are for the caller to fill in */

Unit *unit_retain(Unit *unit);
void unit_release(Vm *vm, Unit *unit); /* the last one frees it */

/* The collector frees [proto]: what it owns goes. */
void proto_destroy(Vm *vm, Proto *proto);

/* Walks over the globals that the function's code names: gives the word that holds the slot of the next one from word
 * [*pc] on, which moves behind the instruction. NULL: there is none. */
uint32_t *proto_next_global(const Proto *proto, int *pc);

/* The source offset of the instruction before word [pc]. */
uint32_t proto_place(const Proto *proto, uint32_t pc);

#endif
