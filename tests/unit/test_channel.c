/*
 * test_channel.c -- channels against a model of what Go's laws say about them.
 *
 * A few tasks do random things with a few channels: send, receive, loop over one, close, select (with and without a
 * default), get cancelled while they wait. Each step is done twice: by the natives themselves, for a task that is made
 * the running one by hand, and by a model that knows nothing but lists. After each step both must agree on who waits, on
 * who was woken, in which order and with what, and on what every buffer holds. select may take any case that the model
 * calls ready. In between the collector works: the values are strings in the heap.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "randomness.h"
#include "sched/natives.h"
#include "vm/array.h"
#include "vm/channel.h"
#include "vm/dict.h"
#include "vm/gc.h"
#include "vm/native.h"
#include "vm/task.h"
#include "vm/waiter.h"

enum { TASKS = 6, CHANNELS = 4, CASES = 4, CAPACITY = 3, ROUNDS = 150, STEPS = 300 };

/* ---- the model ---- */

/* Values are numbers from 1 on; in the heap "value 17". */
enum { NOTHING = 0, LOOP_END = -1, CLOSED_ERROR = -2, CANCELLED = -3, PENDING = -4 };
enum { PLAIN = -1, LOOP = -2 }; /* instead of the number of a case */

typedef struct {
    bool sends;
    int task, channel, value, number; /* number: of the case, or PLAIN or LOOP */
} ModelWaiter;

typedef struct {
    bool waits;
    int chosen;  /* how the last operation ended: the case, or PLAIN or LOOP … */
    int outcome; /* … and what was received, NOTHING, or one of the special ends */
} ModelTask;

typedef struct {
    int capacity, count, buffer[CAPACITY];
    bool closed;
} ModelChannel;

static struct {
    ModelTask tasks[TASKS];
    ModelChannel channels[CHANNELS];
    ModelWaiter waiters[TASKS * CASES]; /* of all channels, the longest waiting first */
    int waiter_count;
    int woken[TASKS], woken_count;
} model;

static void model_leave(int task) {
    int kept = 0;
    for (int i = 0; i < model.waiter_count; i++)
        if (model.waiters[i].task != task) model.waiters[kept++] = model.waiters[i];
    model.waiter_count = kept;
}

static void model_wake(const ModelWaiter *waiter, int outcome) {
    ModelWaiter w = *waiter;
    model.tasks[w.task] = (ModelTask){.chosen = w.number, .outcome = outcome};
    model.woken[model.woken_count++] = w.task;
    model_leave(w.task);
}

static ModelWaiter *model_first(int channel, bool sends) {
    for (int i = 0; i < model.waiter_count; i++)
        if (model.waiters[i].channel == channel && model.waiters[i].sends == sends) return &model.waiters[i];
    return NULL;
}

static int model_waiting(int channel, bool sends) {
    int count = 0;
    for (int i = 0; i < model.waiter_count; i++)
        count += model.waiters[i].channel == channel && model.waiters[i].sends == sends;
    return count;
}

static void model_wait(int task, int channel, bool sends, int value, int number) {
    model.waiters[model.waiter_count++] = (ModelWaiter){sends, task, channel, value, number};
    model.tasks[task] = (ModelTask){.waits = true, .outcome = PENDING};
}

static bool model_ready(int channel, bool sends) {
    const ModelChannel *c = &model.channels[channel];
    if (c->closed) return true;
    return sends ? model_first(channel, false) || c->count < c->capacity : c->count > 0 || model_first(channel, true);
}

/* The operation, which is ready. */
static int model_do(int channel, bool sends, int value) {
    ModelChannel *c = &model.channels[channel];
    ModelWaiter *other = model_first(channel, !sends);
    if (sends) {
        if (c->closed) return CLOSED_ERROR;
        if (other)
            model_wake(other, value);
        else
            c->buffer[c->count++] = value;
        return NOTHING;
    }
    if (c->count == 0) {
        if (!other) return LOOP_END;
        int received = other->value;
        model_wake(other, NOTHING);
        return received;
    }
    int received = c->buffer[0];
    memmove(c->buffer, c->buffer + 1, (size_t)--c->count * sizeof *c->buffer);
    if (other) {
        c->buffer[c->count++] = other->value;
        model_wake(other, NOTHING);
    }
    return received;
}

static void model_close(int channel) {
    if (model.channels[channel].closed) return;
    model.channels[channel].closed = true;
    for (ModelWaiter *w; (w = model_first(channel, false));) model_wake(w, LOOP_END);
    for (ModelWaiter *w; (w = model_first(channel, true));) model_wake(w, CLOSED_ERROR);
}

/* ---- the real thing ---- */

static VintSession session;
static Task *tasks[TASKS];
static Channel *channels[CHANNELS];
static Array *pool;
static int last_value;
static uint32_t root, handles; /* the globals that keep the channels and values alive, and the tasks */

static NativeFunction find_builtin(Vm *vm, const char *name) {
    Value found;
    assert_true(dict_get_name(vm->builtins, string_intern(vm, name, strlen(name)), &found));
    return found.native->function;
}

/* Each value was made before the round and leaves its place in the pool when it is used: from then on nothing else
 * refers to it. */
static Value take_value(int number) {
    if (number == 0) return NULL_VALUE;
    Value value = pool->items[number];
    pool->items[number] = NULL_VALUE;
    return value;
}

static void task_ended(Vm *vm, Task *task, Value value, Error *error) {
    (void)vm, (void)task, (void)value, (void)error;
}

/* Where a task's operation puts its result. */
static Value *result_of(Task *task) { return &task->stack[1]; }

static void run_begin(Vm *vm, int t) {
    vm->current = tasks[t];
    vm->error = NULL;
    tasks[t]->state = TASK_RUNNING;
    *result_of(tasks[t]) = UNDEFINED_VALUE;
}

static void run_end(Vm *vm, int t) {
    if (tasks[t]->state == TASK_RUNNING) tasks[t]->state = TASK_READY;
    vm->current = NULL;
}

/* ---- the comparison ---- */

static void check_value(int expected, Value value) {
    char text[32];
    if (expected > 0) {
        snprintf(text, sizeof text, "value %d", expected);
        assert_int_equal(value.tag, T_STRING);
        assert_true(string_is(value.string, text));
    } else {
        assert_int_equal(value.tag, T_NULL);
    }
}

/* How task [t]'s operation ended, against the model; [error] is what it raised. */
static void check_outcome(int t, const Error *error) {
    const ModelTask *expected = &model.tasks[t];
    Value value = *result_of(tasks[t]);
    if (expected->outcome == CLOSED_ERROR || expected->outcome == CANCELLED) {
        assert_non_null(error);
        assert_true(string_is(error->name, expected->outcome == CANCELLED ? "Cancelled" : "ChannelError"));
        return;
    }
    assert_null(error);
    if (expected->chosen >= 0) {
        assert_int_equal(value.tag, T_ARRAY);
        assert_int_equal(value.array->items[0].i, expected->chosen);
        check_value(expected->outcome, value.array->items[1]);
    } else if (expected->chosen == LOOP && expected->outcome == LOOP_END) {
        assert_int_equal(value.tag, T_UNDEFINED);
    } else {
        check_value(expected->outcome, value);
    }
}

static int queue_length(const WaitQueue *queue) {
    int count = 0;
    const Waiter *last = NULL;
    for (const Waiter *w = queue->first; w; last = w, w = w->next, count++) {
        assert_ptr_equal(w->previous, last);
        assert_ptr_equal(w->queue, queue);
    }
    assert_ptr_equal(queue->last, last);
    return count;
}

static void check_channel(int c) {
    const Channel *channel = channels[c];
    const ModelChannel *expected = &model.channels[c];
    assert_int_equal(channel->closed, expected->closed);
    assert_int_equal(channel->count, expected->count);
    for (int i = 0; i < expected->count; i++)
        check_value(expected->buffer[i], channel->buffer[(channel->head + (uint32_t)i) % channel->capacity]);
    assert_int_equal(queue_length(&channel->receivers), model_waiting(c, false));
    assert_int_equal(queue_length(&channel->senders), model_waiting(c, true));
}

/* Who was woken must have been woken in the model's order, with the model's results. */
static void check_all(Vm *vm) {
    for (int i = 0; i < model.woken_count; i++) {
        Task *task = task_next_ready(vm);
        assert_ptr_equal(task, tasks[model.woken[i]]);
        check_outcome(model.woken[i], task->injected);
        task->injected = NULL;
    }
    assert_null(task_next_ready(vm));
    model.woken_count = 0;
    for (int t = 0; t < TASKS; t++) assert_int_equal(tasks[t]->state, model.tasks[t].waits ? TASK_WAITING : TASK_READY);
    for (int c = 0; c < CHANNELS; c++) check_channel(c);
}

/* ---- one step ---- */

/* Compares what a native gave with what the model foresees for the task: parked, an error, a value. */
static void check_status(Vm *vm, int t, NativeStatus status) {
    if (model.tasks[t].waits)
        assert_int_equal(status, NATIVE_PARK);
    else
        check_outcome(t, status == NATIVE_ERROR ? vm->error : NULL);
    run_end(vm, t);
}

static void do_plain(Vm *vm, int t, int c, bool sends) {
    int value = sends ? ++last_value : 0;
    run_begin(vm, t);
    Value args[2] = {value_obj(channels[c]), take_value(value)};
    NativeStatus status = find_builtin(vm, sends ? "send" : "receive")(vm, args, sends ? 2 : 1, result_of(tasks[t]));
    if (model_ready(c, sends))
        model.tasks[t] = (ModelTask){.chosen = PLAIN, .outcome = model_do(c, sends, value)};
    else
        model_wait(t, c, sends, value, PLAIN);
    check_status(vm, t, status);
}

/* As the instruction of `for v in channel` does. */
static void do_loop(Vm *vm, int t, int c) {
    run_begin(vm, t);
    NativeStatus status = NATIVE_OK;
    if (!channel_poll(vm, channels[c], result_of(tasks[t]))) {
        channel_wait(vm, channels[c], result_of(tasks[t]));
        status = NATIVE_PARK;
    }
    if (model_ready(c, false))
        model.tasks[t] = (ModelTask){.chosen = LOOP, .outcome = model_do(c, false, 0)};
    else
        model_wait(t, c, false, 0, LOOP);
    check_status(vm, t, status);
}

static void do_select(Vm *vm, int t) {
    int count = 1 + (int)random_below(CASES), ready = 0, default_case = random_below(3) == 0 ? count - 1 : -1;
    int chosen_channel[CASES], values[CASES];
    char kinds[CASES + 1] = "";
    Value args[1 + 2 * CASES];
    run_begin(vm, t);
    for (int i = 0; i < count; i++) {
        bool sends = random_below(2);
        kinds[i] = i == default_case ? 'd' : sends ? 's' : 'r';
        chosen_channel[i] = (int)random_below(CHANNELS);
        values[i] = sends ? ++last_value : 0;
        args[1 + 2 * i] = i == default_case ? NULL_VALUE : value_obj(channels[chosen_channel[i]]);
        args[2 + 2 * i] = take_value(values[i]);
        ready += i != default_case && model_ready(chosen_channel[i], sends);
    }
    args[0] = value_obj(string_from(vm, kinds));
    NativeStatus status = select_intrinsic(vm, args, 1 + 2 * count, result_of(tasks[t]));

    if (ready == 0 && default_case >= 0) {
        model.tasks[t] = (ModelTask){.chosen = default_case};
    } else if (ready == 0) {
        for (int i = 0; i < count; i++) model_wait(t, chosen_channel[i], kinds[i] == 's', values[i], i);
    } else if (status == NATIVE_ERROR) { /* it took one that sends to a closed channel */
        bool there = false;
        for (int i = 0; i < count; i++) there |= kinds[i] == 's' && model.channels[chosen_channel[i]].closed;
        assert_true(there);
        model.tasks[t] = (ModelTask){.outcome = CLOSED_ERROR};
    } else {
        assert_int_equal(status, NATIVE_OK);
        int chosen = (int)result_of(tasks[t])->array->items[0].i;
        assert_true(chosen >= 0 && chosen < count && chosen != default_case);
        assert_true(model_ready(chosen_channel[chosen], kinds[chosen] == 's'));
        int outcome = model_do(chosen_channel[chosen], kinds[chosen] == 's', values[chosen]);
        model.tasks[t] = (ModelTask){.chosen = chosen, .outcome = outcome};
    }
    check_status(vm, t, status);
}

static void do_close(Vm *vm, int t, int c) {
    run_begin(vm, t);
    Value channel = value_obj(channels[c]);
    find_builtin(vm, "close")(vm, &channel, 1, result_of(tasks[t]));
    model_close(c);
    run_end(vm, t);
}

static void do_cancel(Vm *vm, int t) {
    assert_true(task_cancel(vm, tasks[t]));
    model_leave(t);
    model.tasks[t] = (ModelTask){.outcome = CANCELLED};
    model.woken[model.woken_count++] = t;
}

static void step(Vm *vm) {
    int t = (int)random_below(TASKS), c = (int)random_below(CHANNELS);
    if (model.tasks[t].waits) {
        if (random_below(6) == 0) do_cancel(vm, t);
        return;
    }
    switch (random_below(60)) {
    case 0: do_close(vm, t, c); break;
    case 1 ... 17: do_plain(vm, t, c, true); break;
    case 18 ... 34: do_plain(vm, t, c, false); break;
    case 35 ... 41: do_loop(vm, t, c); break;
    default: do_select(vm, t);
    }
}

/* ---- the test ---- */

static void round_begin(Vm *vm) {
    memset(&model, 0, sizeof model);
    Array *roots = array_new(vm, CHANNELS);
    vm->globals[root].value = value_obj(roots);
    pool = array_new(vm, STEPS * CASES + 1);
    array_push(vm, roots, value_obj(pool));
    for (int i = 0; i <= STEPS * CASES; i++) array_push(vm, pool, value_obj(string_format(vm, "value %d", i)));
    last_value = 0;
    for (int c = 0; c < CHANNELS; c++) {
        int capacity = (int)random_below(CAPACITY + 1);
        channels[c] = channel_new(vm, (uint32_t)capacity, capacity > 0);
        array_push(vm, roots, value_obj(channels[c]));
        model.channels[c].capacity = capacity;
    }
    Array *list = array_new(vm, TASKS); /* the collector comes to them before it comes to the pool */
    vm->globals[handles].value = value_obj(list);
    for (int t = 0; t < TASKS; t++) {
        Value callee;
        dict_get_name(vm->builtins, string_intern(vm, "receive", 7), &callee);
        tasks[t] = task_spawn(vm, callee, &(Value){.tag = T_NULL}, 1, NULL);
        assert_ptr_equal(task_next_ready(vm), tasks[t]);
        tasks[t]->turn = TURN_GOES_ON;
        array_push(vm, list, value_obj(tasks[t]));
    }
}

static void round_end(Vm *vm) {
    for (int t = 0; t < TASKS; t++) {
        if (tasks[t]->state == TASK_WAITING) {
            task_unlink(vm, tasks[t]);
            tasks[t]->state = TASK_READY;
        }
        task_finish(vm, tasks[t], NULL_VALUE, NULL);
        tasks[t] = NULL;
    }
    vm->globals[root].value = vm->globals[handles].value = NULL_VALUE;
}

static void random_operations(void **state) {
    (void)state;
    Vm *vm = vm_new(&session, NULL, (size_t)1 << 30);
    session.vm = vm;
    session.random = 88172645463325252u;
    vm->task_ended = task_ended;
    sched_register(vm);
    root = vm_global_slot(vm, NULL, string_intern(vm, "channels", 8));
    handles = vm_global_slot(vm, NULL, string_intern(vm, "tasks", 5));
    random_start();
    size_t before = 0;
    for (int round = 0; round < ROUNDS; round++) {
        round_begin(vm);
        for (int i = 0; i < STEPS; i++) {
            step(vm);
            check_all(vm);
            if (random_below(4) == 0) gc_step(vm);
        }
        round_end(vm);
        if (round % 50 != 0) continue;
        gc_full(vm);
        if (before == 0) before = vm->heap.bytes;
        assert_int_equal(vm->heap.bytes, before);
    }
    vm_free(vm);
    free(session.timers);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_operations)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
