/*
 * arith.c -- operators on operands that the fast paths of run.c do not cover.
 *
 * Integers are exact or they become floats, and never quietly something else: a quotient is an INTEGER only when
 * the division leaves no rest, a power only while it fits 64 bits. Both are found out with integers, since a
 * double cannot tell beyond 2^53. Sums, differences and products wrap.
 */
#include "arith.h"

#include <math.h>
#include <string.h>

#include "array.h"
#include "dict.h"
#include "error.h"
#include "gc.h"
#include "moment.h"
#include "object.h"

#define WRAP(a, op, b) ((int64_t)((uint64_t)(a) op (uint64_t)(b)))

static const char *operator_sign(Opcode op) {
    switch (op) {
    case OPC_ADD:
    case OPC_PLUS:
        return "+";
    case OPC_SUB:
    case OPC_NEG:
        return "-";
    case OPC_INC:
        return "++";
    case OPC_DEC:
        return "--";
    case OPC_MUL:
        return "*";
    case OPC_DIV:
        return "/";
    case OPC_MOD:
        return "%";
    default:
        return "**";
    }
}

/* How operands that do not go together may come to do so. */
static const char *operands_hint(Value a, Value b) {
    if (a.tag == T_NULL || b.tag == T_NULL) return "; `??` replaces null: (x ?? 0)";
    if (a.tag == T_PROMISE || b.tag == T_PROMISE) return "; `await` gives a promise's value";
    if ((a.tag == T_STRING && value_is_number(b)) || (b.tag == T_STRING && value_is_number(a)))
        return "; int() and float() make a number of a text";
    return "";
}

static bool refuse_operands(Vm *vm, Opcode op, Value a, Value b) {
    vm_raise(vm, ERR_TYPE, "unsupported operands for %s: %s and %s%s", operator_sign(op), error_describe(vm, a),
             error_describe(vm, b), op == OPC_MUL && a.tag != T_NULL && b.tag != T_NULL ? "" : operands_hint(a, b));
    return false;
}

/* ---- numbers ---- */

bool arith_int_power(int64_t base, int64_t exponent, int64_t *result) {
    int64_t power = 1;
    while (exponent > 0) {
        if ((exponent & 1) && __builtin_mul_overflow(power, base, &power)) return false;
        exponent >>= 1;
        if (exponent > 0 && __builtin_mul_overflow(base, base, &base)) return false;
    }
    *result = power;
    return true;
}

static bool divide_by_zero(Vm *vm) {
    vm_raise(vm, ERR_ZERO_DIVISION, "Division by zero: cannot divide by zero");
    return false;
}

static bool int_binary(Vm *vm, Opcode op, int64_t x, int64_t y, Value *result) {
    switch (op) {
    case OPC_ADD:
        *result = value_int(WRAP(x, +, y));
        return true;
    case OPC_SUB:
        *result = value_int(WRAP(x, -, y));
        return true;
    case OPC_MUL:
        *result = value_int(WRAP(x, *, y));
        return true;
    case OPC_DIV:
        if (y == 0) return divide_by_zero(vm);
        if (y == -1) /* the quotient of the smallest integer does not fit */
            *result = x == INT64_MIN ? value_float(-(double)x) : value_int(-x);
        else
            *result = x % y == 0 ? value_int(x / y) : value_float((double)x / (double)y);
        return true;
    case OPC_MOD:
        if (y == 0) {
            vm_raise(vm, ERR_ZERO_DIVISION,
                     "Division by zero: cannot perform modulo operation (%lld %% 0) "
                     "— the right operand must be non-zero",
                     (long long)x);
            return false;
        }
        *result = value_int(y == -1 ? 0 : x % y);
        return true;
    default: { /* POW */
        int64_t power;
        if (y >= 0 && arith_int_power(x, y, &power))
            *result = value_int(power);
        else
            *result = value_float(pow((double)x, (double)y));
        return true;
    }
    }
}

static bool float_binary(Vm *vm, Opcode op, double x, double y, Value *result) {
    switch (op) {
    case OPC_ADD:
        *result = value_float(x + y);
        return true;
    case OPC_SUB:
        *result = value_float(x - y);
        return true;
    case OPC_MUL:
        *result = value_float(x * y);
        return true;
    case OPC_DIV:
        if (y == 0) return divide_by_zero(vm);
        *result = value_float(x / y);
        return true;
    case OPC_MOD:
        if (y == 0) {
            vm_raise(vm, ERR_ZERO_DIVISION, "Division by zero: cannot perform modulo operation with a zero divisor");
            return false;
        }
        *result = value_float(fmod(x, y));
        return true;
    default: /* POW */
        *result = value_float(pow(x, y));
        return true;
    }
}

/* ---- strings and containers ---- */

static bool give(void *object, Value *result) {
    if (!object) return false;
    *result = value_obj(object);
    return true;
}

static bool concat_values(Vm *vm, Value a, Value b, Value *result) {
    String *left = string_of(vm, a);
    String *right = left ? string_of(vm, b) : NULL;
    return right && give(string_concat(vm, left, right), result);
}

static bool join_arrays(Vm *vm, const Array *a, const Array *b, Value *result) {
    Array *joined = array_new(vm, (size_t)a->length + b->length);
    if (!joined || !array_insert(vm, joined, 0, a->items, a->length)) return false;
    return array_insert(vm, joined, a->length, b->items, b->length) && give(joined, result);
}

/* The entries of both; where both have a key, the right one's value counts. */
static bool merge_dicts(Vm *vm, const Dict *a, const Dict *b, Value *result) {
    Dict *merged = dict_copy(vm, a);
    if (!merged) return false;
    Value key, value;
    for (uint32_t cursor = 0; dict_next(b, &cursor, &key, &value);)
        if (!dict_set(vm, merged, key, value)) return false;
    return give(merged, result);
}

/* [count] times [size]; SIZE_MAX, which is refused by everybody, when that is beyond counting. */
static size_t repeated_size(size_t size, int64_t count) {
    size_t total;
    return __builtin_mul_overflow(size, (size_t)count, &total) ? SIZE_MAX : total;
}

/* Fills [bytes] with copies of its first [filled] ones, twice as many each time. */
static void spread(char *bytes, size_t filled, size_t size) {
    while (filled < size) {
        size_t more = filled <= size - filled ? filled : size - filled;
        memcpy(bytes + filled, bytes, more);
        filled += more;
    }
}

static bool repeat_string(Vm *vm, String *s, int64_t count, Value *result) {
    char *bytes;
    size_t length = repeated_size(s->length, count);
    String *repeated = string_reserve(vm, length, &bytes);
    if (!repeated) return false;
    if (length > 0) {
        memcpy(bytes, s->bytes, s->length);
        spread(bytes, s->length, length);
    }
    string_seal(repeated);
    return give(repeated, result);
}

static bool repeat_array(Vm *vm, const Array *array, int64_t count, Value *result) {
    size_t length = repeated_size(array->length, count);
    Array *repeated = array_new(vm, length);
    if (!repeated) return false;
    if (length > 0) {
        if (!array_insert(vm, repeated, 0, array->items, array->length)) return false;
        spread((char *)repeated->items, array->length * sizeof(Value), length * sizeof(Value));
        repeated->length = (uint32_t)length;
    }
    return give(repeated, result);
}

static bool repeat(Vm *vm, Value what, int64_t count, Value *result) {
    if (count < 0) {
        vm_raise(vm, ERR_VALUE, "cannot repeat %s a negative number of times (%lld)",
                 what.tag == T_STRING ? "a string" : "an array", (long long)count);
        return false;
    }
    return what.tag == T_STRING ? repeat_string(vm, what.string, count, result)
                                : repeat_array(vm, what.array, count, result);
}

static bool repeatable(Value v) { return v.tag == T_STRING || v.tag == T_ARRAY; }

/* ---- the operators ---- */

bool arith_binary(Vm *vm, Opcode op, const Value *left, const Value *right, Value *result) {
    Value a = *left, b = *right;
    if (a.tag == T_INT && b.tag == T_INT) return int_binary(vm, op, a.i, b.i, result);
    if (value_is_number(a) && value_is_number(b)) return float_binary(vm, op, value_number(a), value_number(b), result);
    if (op == OPC_ADD) {
        if (a.tag == T_STRING || b.tag == T_STRING) return concat_values(vm, a, b, result);
        if (a.tag == T_ARRAY && b.tag == T_ARRAY) return join_arrays(vm, a.array, b.array, result);
        if (a.tag == T_DICT && b.tag == T_DICT) return merge_dicts(vm, a.dict, b.dict, result);
    } else if (op == OPC_MUL) {
        if (repeatable(a) && b.tag == T_INT) return repeat(vm, a, b.i, result);
        if (repeatable(b) && a.tag == T_INT) return repeat(vm, b, a.i, result);
    }
    int done = moment_binary(vm, op, a, b, result);
    return done != 0 ? done > 0 : refuse_operands(vm, op, a, b);
}

bool arith_unary(Vm *vm, Opcode op, const Value *operand, Value *result) {
    Value a = *operand;
    if (!value_is_number(a)) {
        vm_raise(vm, ERR_TYPE, "%s needs a number, got %s", operator_sign(op), error_describe(vm, a));
        return false;
    }
    switch (op) {
    case OPC_NEG:
        *result = a.tag == T_INT ? value_int(WRAP(0, -, a.i)) : value_float(-a.f);
        break;
    case OPC_INC:
        *result = a.tag == T_INT ? value_int(WRAP(a.i, +, 1)) : value_float(a.f + 1);
        break;
    case OPC_DEC:
        *result = a.tag == T_INT ? value_int(WRAP(a.i, -, 1)) : value_float(a.f - 1);
        break;
    default: /* PLUS */
        *result = a;
        break;
    }
    return true;
}

int arith_compare(Vm *vm, Opcode op, const Value *a, const Value *b) {
    int order;
    if (!value_compare(*a, *b, &order)) {
        vm_raise(vm, ERR_TYPE, "cannot compare %s and %s%s", error_describe(vm, *a), error_describe(vm, *b),
                 operands_hint(*a, *b));
        return -1;
    }
    if (order == 2) return 0;
    switch (op) {
    case OPC_LT:
        return order < 0;
    case OPC_LE:
        return order <= 0;
    case OPC_GT:
        return order > 0;
    default:
        return order >= 0;
    }
}

static bool array_contains(const Array *array, Value wanted) {
    for (uint32_t i = 0; i < array->length; i++)
        if (value_equal(array->items[i], wanted)) return true;
    return false;
}

static bool range_contains(const Range *range, Value v) {
    if (v.tag == T_INT) return range->from <= v.i && v.i <= range->to;
    return v.tag == T_FLOAT && (double)range->from <= v.f && v.f <= (double)range->to;
}

int arith_in(Vm *vm, const Value *a, const Value *b) {
    Value found;
    switch (b->tag) {
    case T_STRING:
        return a->tag == T_STRING && (a->string->length == 0 || memmem(b->string->bytes, b->string->length,
                                                                       a->string->bytes, a->string->length));
    case T_ARRAY:
        return array_contains(b->array, *a);
    case T_DICT:
        if (value_hashable(*a)) return dict_get(b->dict, *a, &found);
        vm_raise(vm, ERR_TYPE, "%s cannot be used as a key", value_type_name(*a));
        return -1;
    case T_RANGE:
        return range_contains(b->range, *a);
    case T_NULL:
        return 0;
    default:
        vm_raise(vm, ERR_TYPE, "'in' needs a string, an array, a dict or a range on its right, got %s",
                 error_describe(vm, *b));
        return -1;
    }
}
