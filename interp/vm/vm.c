/*
 * vm.c -- making and freeing a machine; globals; safe points.
 */
#include "vm.h"

#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "dict.h"
#include "error.h"
#include "gc.h"
#include "output.h"
#include "proto.h"
#include "run.h"
#include "task.h"

#define LITTLE 32 /* the share of the heap's limit that must be free after it was reached */
#define CALL_WORDS 256 /* argument counts that call_closure has code for */

/*
 * The first frame of a task whose callee is a native, has defaults to fill in, and so on: R[0] is the callee, and for
 * each number of arguments there are two words of code, CALL and RETURN. The task starts at the pair that fits.
 */
static Closure *make_call_closure(Vm *vm) {
    Unit *unit = calloc(1, sizeof *unit);
    if (!unit) abort();
    arena_init(&unit->arena);
    unit->source = source_new(&unit->arena, "<task>", "", 0);
    CodeFunction *function = arena_alloc(&unit->arena, sizeof *function);
    function->code = arena_alloc(&unit->arena, 2 * CALL_WORDS * sizeof(uint32_t));
    function->places = arena_alloc(&unit->arena, 2 * CALL_WORDS * sizeof(uint32_t));
    function->code_length = 2 * CALL_WORDS;
    for (uint32_t n = 0; n < CALL_WORDS; n++) {
        function->code[2 * n] = INSTR_ABC(OPC_CALL, 0, n, 0);
        function->code[2 * n + 1] = INSTR_ABC(OPC_RETURN, 0, 0, 0);
    }
    Proto *proto = HEAP_NEW(vm, Proto, T_PROTO);
    proto->unit = unit_retain(unit);
    proto->code_function = function;
    proto->code = function->code;
    proto->register_count = CALL_WORDS;
    proto->is_prelude = true;
    proto->plain = true;
    proto->constants = heap_raw(vm, 1);
    return closure_new(vm, proto);
}

Vm *vm_new(VintSession *session, VintHost *host, size_t heap_limit) {
    Vm *vm = calloc(1, sizeof *vm);
    if (!vm) return NULL;
    heap_init(&vm->heap, heap_limit);
    vm->session = session;
    vm->host = host;
    vm->next_type_id = VALUE_TYPE_COUNT + 1; /* above the ids of built-in types (cache_key()) */
    vm->global_slots = dict_new(vm, 256);
    vm->builtins = dict_new(vm, 256);
    vm->modules = dict_new(vm, 32);
    static const char *const names[] = {
#define X(name) #name,
        VM_NAMES(X)
#undef X
    };
    for (int i = 0; i < VM_NAME_COUNT; i++) vm->names[i] = string_intern(vm, names[i], strlen(names[i]));
    vm->call_closure = make_call_closure(vm);
    intrinsics_register();
    return vm;
}

void vm_free(Vm *vm) {
    heap_free_all(vm);
    output_free(vm);
    free(vm->globals);
    free(vm->interned);
    free(vm->rejections);
    free(vm);
}

static uint32_t add_slot(Vm *vm, String *name, bool is_scoped) {
    if (vm->global_count == vm->global_capacity) {
        vm->global_capacity = vm->global_capacity ? vm->global_capacity * 2 : 256;
        vm->globals = realloc(vm->globals, vm->global_capacity * sizeof *vm->globals);
        if (!vm->globals) abort();
    }
    vm->globals[vm->global_count] = (Global){.value = UNDEFINED_VALUE, .name = name, .is_scoped = is_scoped};
    gc_write_obj(vm, name);
    return vm->global_count++;
}

uint32_t vm_hidden_slot(Vm *vm, String *name) { return add_slot(vm, name, true); }

uint32_t vm_global_slot(Vm *vm, const char *scope, String *name) {
    Value slot;
    String *key = name;
    if (scope) {
        Text text = {0};
        text_printf(&text, "%.*s in %s", (int)name->length, name->bytes, scope);
        key = string_intern(vm, text.bytes, text.length);
        text_free(&text);
    }
    if (dict_get_name(vm->global_slots, key, &slot)) return (uint32_t)slot.i;
    uint32_t number = add_slot(vm, name, scope != NULL);
    dict_set(vm, vm->global_slots, value_obj(key), value_int(number));
    return number;
}

void vm_define_builtin(Vm *vm, String *name, Value value) {
    dict_set(vm, vm->builtins, value_obj(name), value);
    uint32_t slot = vm_global_slot(vm, NULL, name);
    Global *global = &vm->globals[slot];
    global->value = value;
    global->is_builtin = true;
}

#ifdef VINT_STRESS
/* Moves the stack and the frames of the running task to other memory, so that a pointer into them that was kept shows
 * itself. */
static void move_stack(Vm *vm, Task *task) {
    Value *stack = heap_raw(vm, task->stack_capacity * sizeof(Value));
    memcpy(stack, task->stack, task->stack_capacity * sizeof(Value));
    memset(task->stack, 0xdb, task->stack_capacity * sizeof(Value));
    heap_release(vm, task->stack, task->stack_capacity * sizeof(Value));
    task->stack = stack;
    Frame *frames = heap_raw(vm, task->frame_capacity * sizeof(Frame));
    memcpy(frames, task->frames, task->frame_capacity * sizeof(Frame));
    memset(task->frames, 0xdb, task->frame_capacity * sizeof(Frame));
    heap_release(vm, task->frames, task->frame_capacity * sizeof(Frame));
    task->frames = frames;
}
#endif

/*
 * Whoever wants much memory at once is refused it by the bytes in use (heap_refuses), garbage included. So there must
 * never be much garbage near the limit: a whole cycle is made each time half of the room that the last one left is used
 * up.
 */
void vm_collect(Vm *vm) {
    if (vm->heap.bytes > vm->heap.alarm)
        gc_full(vm);
    else if (vm->heap.debt >= 0)
        gc_step(vm);
}

/*
 * Collects. False with MemoryError raised when the heap is full of live objects. It counts as full when a whole cycle
 * leaves little room: otherwise the program would go on, slower and slower, from one cycle to the next.
 */
static bool collect(Vm *vm) {
    bool is_crowded = vm->heap.bytes > vm->heap.alarm;
    vm_collect(vm);
    if (!is_crowded || vm->heap.bytes <= vm->heap.limit - vm->heap.limit / LITTLE) return true;
    vm_raise(vm, ERR_MEMORY, "the heap is full: its limit is %zu MB", vm->heap.limit >> 20);
    return false;
}

bool vm_must_raise(const Task *task) {
    const Proto *proto = task->frames[task->frame_count - 1].closure->proto;
    return task->injected && !(proto->is_prelude && task->injected->obj.flags & ERROR_ENDING);
}

SafePoint vm_safepoint(Vm *vm) {
    Task *task = vm->current;
#ifdef VINT_STRESS
    move_stack(vm, task);
    gc_full(vm);
#endif
    if (!collect(vm)) return SAFE_ERROR;
    if (vm_must_raise(task)) {
        vm->error = task->injected;
        task->injected = NULL;
        vm->budget = vm->slice;
        return SAFE_ERROR;
    }
    if (atomic_load_explicit(&vm->attention, memory_order_relaxed)) return SAFE_SWITCH;
#ifdef VINT_STRESS
    if (vm->ready_first) return SAFE_SWITCH;
    vm->budget = 1;
    vm->poll_left--;
    return vm->poll_left > 0 ? SAFE_GO_ON : SAFE_SWITCH;
#endif
    if (vm->slice_left > 0) {
        vm->budget = vm->slice_left;
        vm->slice_left = 0;
        return SAFE_GO_ON;
    }
    if (vm->ready_first || vm->poll_left <= vm->slice) return SAFE_SWITCH;
    vm->poll_left -= vm->slice;
    vm->budget = vm->slice;
    return SAFE_GO_ON;
}
