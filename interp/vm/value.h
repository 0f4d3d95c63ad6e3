/*
 * value.h -- what a value is.
 *
 * A value is 16 bytes: a payload and a tag.
 *
 *     byte  0        8     12    16
 *           | payload | tag | --- |        tag:  what the payload is
 *
 *     NULL FALSE TRUE UNDEFINED    no payload
 *     INT                          int64_t i
 *     FLOAT                        double f
 *     from STRING on               pointer to an object in the heap, whose header repeats the tag
 *
 * Why not a NaN box of 8 bytes? VintLang's integers are 64 bits wide and must stay exact; a NaN box would put every
 * large one on the heap and pay for a range check on each addition. With the object's type in the tag, "is this a
 * string?" never touches memory behind the pointer. The order of the tags is part of the design: one comparison tells
 * falsy from truthy (tag <= T_FALSE) and one tells heap objects from the rest (tag >= T_STRING).
 *
 * Copy values with value_copy() in hot code: it moves payload and tag one by one. A 16-byte vector move right
 * after two narrow stores would stall the processor.
 *
 * UNDEFINED never reaches a program. It marks a global that is not declared yet, an argument that was not given, a
 * slice bound that was left out.
 */
#ifndef VALUE_H
#define VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The kinds of values; the order is that of the tags.
 *
 * VALUE_PLAIN(X): X(tag, what type() calls it). Falsy ones first.
 * VALUE_OBJECTS(X): X(tag, what type() calls it, C type of the object, the member of Value that points to it).
 */
#define VALUE_PLAIN(X)                                                                             \
    X(NULL, "NULL")                                                                                \
    X(FALSE, "BOOLEAN")                                                                            \
    X(TRUE, "BOOLEAN")                                                                             \
    X(UNDEFINED, "UNDEFINED")                                                                      \
    X(INT, "INTEGER")                                                                              \
    X(FLOAT, "FLOAT")

#define VALUE_OBJECTS(X)                                                                           \
    X(STRING, "STRING", String, string)                                                            \
    X(ARRAY, "ARRAY", Array, array)                                                                \
    X(DICT, "DICT", Dict, dict)                                                                    \
    X(RANGE, "RANGE", Range, range)                                                                \
    X(CLOSURE, "FUNCTION", Closure, closure)                                                       \
    X(NATIVE, "BUILTIN", Native, native)                                                           \
    X(OVERLOAD, "FUNCTION", Overload, overload)                                                    \
    X(PROMISE, "PROMISE", Promise, promise)                                                        \
    X(CHANNEL, "CHANNEL", Channel, channel)                                                        \
    X(TASK, "TASK", Task, task)                                                                    \
    X(STRUCT, "STRUCT", Struct, structure)                                                         \
    X(INSTANCE, "INSTANCE", Instance, instance)                                                    \
    X(ENUM, "ENUM", Enum, enumeration)                                                             \
    X(POINTER, "POINTER", Pointer, pointer)                                                        \
    X(ERROR_TYPE, "ERROR_TYPE", ErrorType, error_type)                                             \
    X(ERROR, "ERROR", Error, error)                                                                \
    X(MODULE, "MODULE", Module, module)                                                            \
    X(TYPE, "TYPE", TypeValue, type)                                                               \
    X(TIME, "TIME", Time, time)                                                                    \
    X(DURATION, "DURATION", Duration, duration)                                                    \
    X(FILE, "FILE", File, file)                                                                    \
    X(RESOURCE, "RESOURCE", Resource, resource)                                                    \
    /* only inside the machine */                                                                  \
    X(BOX, "BOX", Box, box)                                                                        \
    X(BUFFER, "BUFFER", Buffer, buffer)                                                            \
    X(PROTO, "PROTO", Proto, proto)                                                                \
    X(DEFERRED, "DEFERRED", Deferred, deferred)

/* VALUE_TYPES(X): all of them, as X(tag, what type() calls it, ...). */
#define VALUE_TYPES(X) VALUE_PLAIN(X) VALUE_OBJECTS(X)

typedef enum {
#define X(tag, name, ...) T_##tag,
    VALUE_TYPES(X)
#undef X
    VALUE_TYPE_COUNT
} ValueType;

typedef struct Vm Vm;
typedef struct Obj Obj;
#define X(tag, name, Type, member) typedef struct Type Type;
VALUE_OBJECTS(X)
#undef X

typedef struct {
    union {
        int64_t i;
        double f;
        Obj *obj;
#define X(tag, name, Type, member) Type *member;
        VALUE_OBJECTS(X)
#undef X
    };
    uint32_t tag;
} Value;

#define NULL_VALUE ((Value){.i = 0, .tag = T_NULL})
#define UNDEFINED_VALUE ((Value){.i = 0, .tag = T_UNDEFINED})

static inline Value value_int(int64_t i) { return (Value){.i = i, .tag = T_INT}; }
static inline Value value_float(double f) { return (Value){.f = f, .tag = T_FLOAT}; }
static inline Value value_bool(bool b) { return (Value){.i = 0, .tag = b ? T_TRUE : T_FALSE}; }

/* Any heap object as a value: the tag comes from its header. [object] must not be NULL. */
#define value_obj(object) value_obj_((Obj *)(object))

/* Every heap object begins with this header. */
struct Obj {
    uint8_t type;       /* ValueType; 0 in a free block */
    uint8_t mark;       /* equals the heap's current mark when reached (gc.c) */
    uint8_t flags;      /* by type */
    uint8_t size_class; /* heap.c */
    uint32_t hash;      /* STRING: of its bytes, 0 when not computed yet; others: free for the type's use */
};

static inline Value value_obj_(Obj *object) { return (Value){.obj = object, .tag = object->type}; }

static inline void value_copy(Value *to, const Value *from) {
    to->i = from->i;
    to->tag = from->tag;
}

static inline bool value_truthy(Value v) { return v.tag > T_FALSE; }
static inline bool value_is_bool(Value v) { return v.tag == T_TRUE || v.tag == T_FALSE; }
static inline bool value_is_number(Value v) { return v.tag == T_INT || v.tag == T_FLOAT; }
static inline bool value_is_obj(Value v) { return v.tag >= T_STRING; }
static inline double value_number(Value v) { return v.tag == T_INT ? (double)v.i : v.f; }

/* What type(v) says: the struct's name for instances. The text lives as long as the value. */
const char *value_type_name(Value v);

/* Structural equality, numbers across INT and FLOAT; cycles are handled. Never fails. */
bool value_equal(Value a, Value b);

/* -1, 0, 1; 2 when the two cannot be ordered (NaN); false when their types have no order. */
bool value_compare(Value a, Value b, int *order);

/* Can this be a key of a dict? (numbers, strings, booleans; enum members are such values) */
bool value_hashable(Value v);

#endif
