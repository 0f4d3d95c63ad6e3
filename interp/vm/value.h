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
 * Why not a NaN box of 8 bytes? VintLang's integers are 64 bits wide and must stay exact; a NaN box would put every large one on
 * the heap and pay for a range check on each addition. With the object's type in the tag, "is this a string?" never
 * touches memory behind the pointer. The order of the tags is part of the design: one comparison tells falsy from truthy
 * (tag <= T_FALSE) and one tells heap objects from the rest (tag >= T_STRING).
 *
 * Copy values with value_copy() in hot code: it moves payload and tag one by one. A 16-byte vector move right
 * after two narrow stores would stall the processor.
 *
 * UNDEFINED never reaches a program. It marks a global that is not declared yet, an argument that was not given, a slice bound
 * that was left out.
 */
#ifndef VALUE_H
#define VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* VALUE_TYPES(X): X(tag, what type() calls it). Falsy values first, heap objects from STRING on. */
#define VALUE_TYPES(X)                                                                             \
    X(NULL, "NULL")                                                                                \
    X(FALSE, "BOOLEAN")                                                                            \
    X(TRUE, "BOOLEAN")                                                                             \
    X(UNDEFINED, "UNDEFINED")                                                                      \
    X(INT, "INTEGER")                                                                              \
    X(FLOAT, "FLOAT")                                                                              \
    X(STRING, "STRING")                                                                            \
    X(ARRAY, "ARRAY")                                                                              \
    X(DICT, "DICT")                                                                                \
    X(RANGE, "RANGE")                                                                              \
    X(CLOSURE, "FUNCTION")                                                                         \
    X(NATIVE, "BUILTIN")                                                                           \
    X(OVERLOAD, "FUNCTION")                                                                        \
    X(PROMISE, "PROMISE")                                                                          \
    X(CHANNEL, "CHANNEL")                                                                          \
    X(TASK, "TASK")                                                                                \
    X(STRUCT, "STRUCT")                                                                            \
    X(INSTANCE, "INSTANCE")                                                                        \
    X(ENUM, "ENUM")                                                                                \
    X(POINTER, "POINTER")                                                                          \
    X(ERROR_TYPE, "ERROR_TYPE")                                                                    \
    X(ERROR, "ERROR")                                                                              \
    X(MODULE, "MODULE")                                                                            \
    X(TYPE, "TYPE")                                                                                \
    X(TIME, "TIME")                                                                                \
    X(DURATION, "DURATION")                                                                        \
    X(FILE, "FILE")                                                                                \
    X(RESOURCE, "RESOURCE")                                                                        \
    /* only inside the machine */                                                                  \
    X(BOX, "BOX")                                                                                  \
    X(BUFFER, "BUFFER")                                                                            \
    X(PROTO, "PROTO")                                                                              \
    X(DEFERRED, "DEFERRED")

typedef enum {
#define X(tag, name) T_##tag,
    VALUE_TYPES(X)
#undef X
    VALUE_TYPE_COUNT
} ValueType;

typedef struct Vm Vm;
typedef struct Obj Obj;
typedef struct String String;
typedef struct Array Array;
typedef struct Dict Dict;
typedef struct Range Range;
typedef struct Closure Closure;
typedef struct Native Native;
typedef struct Overload Overload;
typedef struct Promise Promise;
typedef struct Channel Channel;
typedef struct Task Task;
typedef struct Struct Struct;
typedef struct Instance Instance;
typedef struct Enum Enum;
typedef struct Pointer Pointer;
typedef struct ErrorType ErrorType;
typedef struct Error Error;
typedef struct Module Module;
typedef struct TypeValue TypeValue;
typedef struct Time Time;
typedef struct Duration Duration;
typedef struct File File;
typedef struct Resource Resource;
typedef struct Box Box;
typedef struct Buffer Buffer;
typedef struct Proto Proto;
typedef struct Deferred Deferred;

typedef struct {
    union {
        int64_t i;
        double f;
        Obj *obj;
        String *string;
        Array *array;
        Dict *dict;
        Range *range;
        Closure *closure;
        Native *native;
        Overload *overload;
        Promise *promise;
        Channel *channel;
        Task *task;
        Struct *structure;
        Instance *instance;
        Enum *enumeration;
        Pointer *pointer;
        ErrorType *error_type;
        Error *error;
        Module *module;
        TypeValue *type;
        Time *time;
        Duration *duration;
        File *file;
        Resource *resource;
        Box *box;
        Deferred *deferred;
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
