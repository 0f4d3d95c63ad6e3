/*
 * test_heap.c -- the collector against a model of what it must keep.
 *
 * A random graph of arrays, dicts and strings hangs on a few globals. It is built twice: in the heap, and as plain
 * numbers in the model. References are added, moved and dropped all the time while the collector works step by step in
 * between. Whenever asked, a walk through the heap from the globals must find what the model says, object by object; and
 * when nothing is referred to any more, not one byte may be left.
 *
 * Under AddressSanitizer the collector's steps are tiny (see gc.c), so that the program changes the graph in all gaps.
 */
#include "bare_vm.h"
#include "randomness.h"

enum { VERTICES = 8000, EDGES = 6, ROOTS = 8 };

typedef enum { IS_STRING, IS_ARRAY, IS_DICT } VertexKind;

/* A vertex of the model. The object itself is only looked at while the model says that it is alive. */
typedef struct {
    VertexKind kind;
    int edges[EDGES]; /* numbers of others; -1: none */
    Value object;
    int seen;
} Vertex;

static Vertex vertices[VERTICES];
static int vertex_count, roots[ROOTS], walk;

/* ---- both worlds ---- */

static Value key_of(Vm *vm, int edge) {
    char name[16];
    snprintf(name, sizeof name, "edge %d", edge);
    return value_obj(edge % 2 ? string_intern(vm, name, strlen(name)) : string_from(vm, name));
}

/* What string number [number] says: some of them are long. */
static const char *text_of(int number) {
    static char text[200];
    snprintf(text, sizeof text, "%*d", number % 3 == 0 ? 150 : 5, number);
    return text;
}

/* A new vertex; its object is in no other yet. Some strings are parts of others. */
static int vertex_new(Vm *vm) {
    int number = vertex_count++;
    Vertex *vertex = &vertices[number];
    *vertex = (Vertex){.kind = random_below(8) == 0 ? IS_STRING : random_below(2) ? IS_ARRAY : IS_DICT};
    for (int e = 0; e < EDGES; e++) vertex->edges[e] = -1;
    if (vertex->kind == IS_STRING) {
        String *string = string_from(vm, text_of(number));
        if (random_below(2)) {
            String *longer = string_concat(vm, string_from(vm, "a beginning that is shared, followed by "), string);
            string = string_slice_bytes(vm, longer, longer->length - string->length, longer->length);
        }
        vertex->object = value_obj(string);
    } else if (vertex->kind == IS_ARRAY) {
        Array *array = array_new(vm, random_below(2) ? 0 : 1 + EDGES);
        array_push(vm, array, value_int(number));
        for (int e = 0; e < EDGES; e++) array_push(vm, array, NULL_VALUE);
        vertex->object = value_obj(array);
    } else {
        Dict *dict = dict_new(vm, random_below(20));
        dict_set(vm, dict, value_int(0), value_int(number));
        vertex->object = value_obj(dict);
    }
    return number;
}

static void set_edge(Vm *vm, int from, int edge, int to) {
    Vertex *vertex = &vertices[from];
    Value value = to < 0 ? NULL_VALUE : vertices[to].object;
    if (vertex->kind == IS_STRING || edge < 0) return;
    vertex->edges[edge] = to;
    if (vertex->kind == IS_ARRAY)
        array_set(vm, vertex->object.array, (uint32_t)edge + 1, value);
    else if (to < 0)
        dict_remove(vm, vertex->object.dict, key_of(vm, edge));
    else
        dict_set(vm, vertex->object.dict, key_of(vm, edge), value);
}

static void set_root(Vm *vm, int root, int to) {
    roots[root] = to;
    vm->globals[root].value = to < 0 ? NULL_VALUE : vertices[to].object;
    gc_write(vm, vm->globals[root].value);
}

/* A vertex that is alive: the end of a random way from a root, not too long; -1: it ends nowhere. */
static int random_alive(uint32_t longest) {
    int at = roots[random_below(ROOTS)];
    for (uint32_t steps = random_below(longest); at >= 0 && steps > 0; steps--) {
        int next = vertices[at].edges[random_below(EDGES)];
        if (next >= 0) at = next;
    }
    return at;
}

/* An edge of it that leads nowhere yet, or now and then any; -1: none. */
static int random_edge(int from) {
    int first = (int)random_below(EDGES);
    if (random_below(200) == 0) return first;
    for (int e = 0; e < EDGES; e++)
        if (vertices[from].edges[(first + e) % EDGES] < 0) return (first + e) % EDGES;
    return -1;
}

/* ---- the comparison ---- */

static void check_keys(const Dict *dict) {
    uint32_t cursor = 0;
    Value key, value;
    while (dict_next(dict, &cursor, &key, &value))
        if (key.tag != T_INT) assert_int_equal(key.obj->type, T_STRING);
}

static void check_from(Vm *vm, int number, Value object) {
    static int stack[VERTICES];
    int depth = 0;
    Vertex *vertex = &vertices[number];
    assert_ptr_equal(object.obj, vertex->object.obj);
    if (vertex->seen == walk) return;
    vertex->seen = walk;
    stack[depth++] = number;
    while (depth > 0) {
        vertex = &vertices[number = stack[--depth]];
        assert_int_equal(vertex->object.obj->type, vertex->object.tag);
        if (vertex->kind == IS_STRING) {
            assert_true(string_is(vertex->object.string, text_of(number)));
            continue;
        }
        Value name = NULL_VALUE;
        if (vertex->kind == IS_ARRAY) {
            name = vertex->object.array->items[0];
        } else {
            check_keys(vertex->object.dict);
            assert_true(dict_get(vertex->object.dict, value_int(0), &name));
        }
        assert_int_equal(name.i, number);
        for (int e = 0; e < EDGES; e++) {
            int to = vertex->edges[e];
            Value value = NULL_VALUE;
            if (vertex->kind == IS_ARRAY)
                value = vertex->object.array->items[e + 1];
            else if (!dict_get(vertex->object.dict, key_of(vm, e), &value))
                value = NULL_VALUE;
            if (to < 0) {
                assert_int_equal(value.tag, T_NULL);
                continue;
            }
            assert_ptr_equal(value.obj, vertices[to].object.obj);
            if (vertices[to].seen == walk) continue;
            vertices[to].seen = walk;
            stack[depth++] = to;
        }
    }
}

static void check_all(Vm *vm) {
    walk++;
    for (int r = 0; r < ROOTS; r++) {
        Value value = vm->globals[r].value;
        if (roots[r] < 0)
            assert_int_equal(value.tag, T_NULL);
        else
            check_from(vm, roots[r], value);
    }
}

/* ---- the test ---- */

static void graph_setup(Vm *vm) {
    vm->globals = calloc(ROOTS, sizeof *vm->globals);
    vm->global_count = ROOTS;
    vertex_count = 0;
    for (int r = 0; r < ROOTS; r++) set_root(vm, r, -1);
}

static void graph_teardown(Vm *vm) {
    free(vm->globals);
    vm->globals = NULL;
    vm->global_count = 0;
}

/* One change of the graph. New objects are at once put where they are reachable. */
static void change(Vm *vm) {
    int from = random_alive(40), to = random_alive(40);
    switch (random_below(12)) {
    case 0:
    case 1:
    case 2:
    case 3:
        if (vertex_count == VERTICES) break;
        to = vertex_new(vm);
        if (from < 0)
            set_root(vm, (int)random_below(ROOTS), to);
        else
            set_edge(vm, from, random_edge(from), to);
        break;
    case 4:
    case 5:
    case 6:
        if (from >= 0) set_edge(vm, from, random_edge(from), to);
        break;
    case 7:
    case 8:
    case 9: { /* moved towards the roots, which the collector looks at first, from where it has not been yet */
        int edge = (int)random_below(EDGES);
        to = random_alive(4);
        if (from < 0 || to < 0 || vertices[from].edges[edge] < 0 || random_edge(to) < 0) break;
        set_edge(vm, to, random_edge(to), vertices[from].edges[edge]);
        set_edge(vm, from, edge, -1);
        break;
    }
    case 10:
        if (from >= 0 && random_below(30) == 0) set_edge(vm, from, (int)random_below(EDGES), -1);
        break;
    default:
        if (random_below(300) == 0) set_root(vm, (int)random_below(ROOTS), random_below(3) ? to : -1);
    }
}

static void random_graphs(void **state) {
    Vm *vm = *state;
    random_start();
    graph_setup(vm);
    gc_full(vm);
    size_t nothing = vm->heap.bytes;
    for (int round = 0; round < 8; round++) {
        vertex_count = 0;
        for (int step = 0; step < 20000; step++) {
            change(vm);
            if (random_below(3) == 0) gc_step(vm);
            if (step % 500 == 0) check_all(vm);
            if (random_below(4000) == 0) gc_full(vm);
        }
        check_all(vm);
        gc_full(vm);
        check_all(vm);
        for (int r = 0; r < ROOTS; r++) set_root(vm, r, -1);
        gc_full(vm);
        assert_int_equal(vm->heap.bytes, nothing);
    }
    graph_teardown(vm);
}

/* What no root reaches is freed even when it refers to itself, whatever its shape. */
static void garbage_is_freed(void **state) {
    Vm *vm = *state;
    graph_setup(vm);
    gc_full(vm);
    size_t nothing = vm->heap.bytes;
    Array *ring = array_new(vm, 0);
    array_push(vm, ring, value_obj(ring));
    Array *chain = array_new(vm, 0);
    for (int i = 0; i < 200000; i++) {
        Value link = value_obj(chain);
        chain = array_from(vm, &link, 1);
    }
    Array *large = array_new(vm, 0);
    for (int i = 0; i < 100000; i++) array_push(vm, large, value_obj(string_format(vm, "item %d", i)));
    Dict *dict = dict_new(vm, 0);
    for (int i = 0; i < 50000; i++) dict_set(vm, dict, value_int(i), value_obj(dict));
    assert_true(vm->heap.bytes > nothing + 10000000);
    vm->globals[0].value = value_obj(large);
    gc_full(vm);
    assert_true(string_is(large->items[99999].string, "item 99999"));
    assert_true(vm->heap.bytes > nothing + 100000 * 32);
    vm->globals[0].value = NULL_VALUE;
    gc_full(vm);
    assert_int_equal(vm->heap.bytes, nothing);
    graph_teardown(vm);
}

/* A cycle that began before the program dropped things ends with them in the heap; the next one frees them. */
static void a_cycle_may_keep_what_was_dropped_meanwhile(void **state) {
    Vm *vm = *state;
    graph_setup(vm);
    gc_full(vm);
    size_t nothing = vm->heap.bytes;
    Array *list = array_new(vm, 0);
    vm->globals[0].value = value_obj(list);
    for (int i = 0; i < 50000; i++) array_push(vm, list, value_obj(string_format(vm, "item %d", i)));
    gc_step(vm); /* a cycle begins */
    assert_int_not_equal(vm->heap.phase, GC_IDLE);
    vm->globals[0].value = NULL_VALUE;
    while (vm->heap.phase != GC_IDLE) gc_step(vm);
    gc_full(vm);
    assert_int_equal(vm->heap.bytes, nothing);
    graph_teardown(vm);
}

typedef enum { BY_PUSH, BY_SET, BY_INSERT, AS_VALUE, AS_KEY, AS_GLOBAL, STORES } Store;

static void store(Vm *vm, Store way, Array *array, Dict *dict, Value value) {
    switch (way) {
    case BY_PUSH: array_push(vm, array, value); break;
    case BY_SET: array_set(vm, array, 0, value); break;
    case BY_INSERT: array_insert(vm, array, 1, &value, 1); break;
    case AS_VALUE: dict_set(vm, dict, value_int(1), value); break;
    case AS_KEY: dict_set(vm, dict, value, value_int(1)); break;
    default: vm->globals[0].value = value; gc_write(vm, value); break;
    }
}

/* The last reference to an object moves from the far end of a chain, where the collector has not been, to where it
 * has. */
static void every_store_tells_the_collector(void **state) {
    Vm *vm = *state;
    graph_setup(vm);
    for (Store way = 0; way < STORES; way++) {
        Value moved = value_obj(string_from(vm, text_of(0)));
        Array *end = array_from(vm, &moved, 1), *chain = end;
        for (int i = 0; i < 5000; i++) {
            Value link = value_obj(chain);
            chain = array_from(vm, &link, 1);
        }
        Array *array = array_new(vm, 0);
        for (int i = 0; i < 4; i++) array_push(vm, array, value_int(i));
        Dict *dict = dict_new(vm, 4);
        vm->globals[1].value = value_obj(chain);
        vm->globals[2].value = value_obj(array);
        vm->globals[3].value = value_obj(dict);
        while (vm->heap.phase != GC_IDLE) gc_step(vm);
        gc_step(vm); /* what was made up to now is old; the roots and what is near them have been looked at */
        store(vm, way, array, dict, moved);
        end->items[0] = NULL_VALUE;
        while (vm->heap.phase != GC_IDLE) gc_step(vm);
        assert_int_equal(moved.obj->type, T_STRING);
        assert_true(string_is(moved.string, text_of(0)));
        for (int r = 0; r < ROOTS; r++) set_root(vm, r, -1);
    }
    graph_teardown(vm);
}

/* Raw blocks grow, shrink and come back; the count of bytes follows. */
static void raw_blocks(void **state) {
    Vm *vm = *state;
    enum { BLOCKS = 200 };
    char *blocks[BLOCKS] = {0};
    size_t sizes[BLOCKS] = {0}, before = vm->heap.bytes;
    random_start();
    for (int step = 0; step < 20000; step++) {
        int i = (int)random_below(BLOCKS);
        size_t size = random_below(4) ? random_below(1200) : random_below(20000);
        if (random_below(3) == 0) {
            heap_release(vm, blocks[i], sizes[i]);
            blocks[i] = heap_raw(vm, size);
        } else {
            blocks[i] = heap_grow(vm, blocks[i], sizes[i], size);
            for (size_t k = 0; k < size && k < sizes[i]; k += 97) assert_int_equal(blocks[i][k], (char)i);
        }
        sizes[i] = size;
        if (size > 0) memset(blocks[i], i, size);
    }
    for (int i = 0; i < BLOCKS; i++) heap_release(vm, blocks[i], sizes[i]);
    assert_int_equal(vm->heap.bytes, before);
}

/* Pages that have become empty go back to the system, but for as much as is in use. */
static void empty_pages_go_back(void **state) {
    Vm *vm = *state;
    graph_setup(vm);
    Heap *heap = &vm->heap;
    Array *list = array_new(vm, 0);
    vm->globals[0].value = value_obj(list);
    for (int i = 0; i < 200000; i++) array_push(vm, list, value_obj(string_format(vm, "item %d", i)));
    gc_full(vm);
    assert_true(heap->spare_count < 32);
    size_t most = heap->bytes;
    vm->globals[0].value = NULL_VALUE;
    gc_full(vm);
    size_t warm = (heap->spare_count - heap->spare_clean) << 16;
    assert_true(heap->spare_clean > 50);
    assert_true(warm <= heap->bytes || warm <= GC_THRESHOLD);
    assert_true(heap->stats.peak >= most);
    gc_step(vm);
    for (int i = 0; i < 200000; i++) { /* and are used again */
        String *string = string_format(vm, "item %d", i);
        assert_int_equal(string->obj.type, T_STRING);
    }
    graph_teardown(vm);
}

static void pauses_are_counted(void **state) {
    (void)state;
    static GcStats stats;
    assert_int_equal(gc_stats_pause_within(&stats, 0.5), 0);
    for (uint64_t ns = 1; ns <= 100000; ns++) gc_stats_pause(&stats, ns);
    uint64_t half = gc_stats_pause_within(&stats, 0.5), most = gc_stats_pause_within(&stats, 0.99);
    assert_in_range(half, 50000, 50000 * 9 / 8);
    assert_in_range(most, 99000, 100000);
    gc_stats_pause(&stats, UINT64_MAX / 2);
    assert_true(stats.max_ns == UINT64_MAX / 2);
    assert_true(gc_stats_pause_within(&stats, 1) == UINT64_MAX / 2);
    assert_int_equal(gc_stats_pause_within(&stats, 0.5), half);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        BARE_VM_TEST(random_graphs),
        BARE_VM_TEST(garbage_is_freed),
        BARE_VM_TEST(a_cycle_may_keep_what_was_dropped_meanwhile),
        BARE_VM_TEST(every_store_tells_the_collector),
        BARE_VM_TEST(raw_blocks),
        BARE_VM_TEST(empty_pages_go_back),
        cmocka_unit_test(pauses_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
