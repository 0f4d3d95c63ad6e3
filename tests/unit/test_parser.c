/*
 * test_parser.c -- the trees that the parser makes, as text; where nodes begin and end; whether a text is complete.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "syntax/ast_dump.h"
#include "syntax/complete.h"
#include "syntax/parser.h"

typedef struct {
    const char *code;
    const char *expected;
} Case;

typedef struct {
    Arena arena;
    Source *source;
    Diagnostics diagnostics;
    Node *program;
} Parsed;

static void parse(Parsed *parsed, const char *code) {
    arena_init(&parsed->arena);
    parsed->diagnostics = (Diagnostics){.arena = &parsed->arena};
    parsed->source = source_new(&parsed->arena, "test", code, strlen(code));
    parsed->program = parser_parse(&parsed->arena, parsed->source, &parsed->diagnostics);
    if (parsed->diagnostics.count > 0) {
        print_error("%s\n", diagnostic_render(&parsed->arena, parsed->source, parsed->diagnostics.items, false));
    }
    assert_int_equal(parsed->diagnostics.count, 0);
}

static void discard(Parsed *parsed) {
    arena_free(&parsed->arena);
}

/* The statements of a program, with "; " between them. */
static char *dump(const Node *program) {
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    for (int i = 0; i < program->list.count; i++) {
        fputs(i > 0 ? "; " : "", out);
        ast_dump(out, program->list.items[i]);
    }
    fclose(out);
    return text;
}

static void check_trees(const Case *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        Parsed parsed;
        parse(&parsed, cases[i].code);
        char *text = dump(parsed.program);
        assert_string_equal(text, cases[i].expected);
        free(text);
        discard(&parsed);
    }
}

static void test_literals(void **state) {
    (void)state;
    static const Case cases[] = {
        {"1; 1_000; 0xFF; 0b101; 0o17; 017; 9223372036854775807", "1; 1000; 255; 5; 15; 17; 9223372036854775807"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"- 9223372036854775808", "-9223372036854775808"},
        {"1.5; 1e3; 1.5e-3; 2E+2; 1_0.2_5", "1.5f; 1000f; 0.0015f; 200f; 10.25f"},
        {"1..3", "(.. 1 3)"},
        {"5.abs(); 2.5.round()", "(call (. 5 abs)); (call (. 2.5f round))"},
        {"true; false; null; nil", "true; false; null; null"},
        {"\"a\\n\\t\\\"\\\\\\'\\0\\x41\\u00e9\" ; 'it\\'s \\u00e9'", "\"a\\n\\x09\\\"\\\\'\\x00Aé\"; \"it's é\""},
        {"\"\\d+ \\x4 \\u12 \\q\"", "\"\\\\d+ \\\\x4 \\\\u12 \\\\q\""},
        {"\"\\ud83d\\ude00 \\ud800\"", "\"😀 �\""},
        {"`raw \\n \"x\"`", "\"raw \\\\n \\\"x\\\"\""},
        {"[]; [1, 2,]; [1, [2]]", "(array); (array 1 2); (array 1 (array 2))"},
        {"let d = {}; d = {\"a\": 1, \"b\": 2,}", "(let d (dict)); (= d (dict \"a\" 1 \"b\" 2))"},
        {"let d = {\"a\": 1\n"
         "\"b\": 2\n"
         "}",
         "(let d (dict \"a\" 1 \"b\" 2))"},
        {"let d = {a.b: 1, (x): 2, 1 + 1: 3}", "(let d (dict (. a b) 1 x 2 (+ 1 1) 3))"},
        {"@; @.x; ::print; ::repeat(1)", "@; (. @ x); ::print; (call ::repeat 1)"},
        {"chan; chan(); chan(3); ::chan; ::chan(3)", "(chan); (chan); (chan 3); (chan); (chan 3)"},
        {"über + straße + 变量", "(+ (+ über straße) 变量)"},
    };
    check_trees(cases, sizeof cases / sizeof *cases);
}

static void test_precedence(void **state) {
    (void)state;
    static const Case cases[] = {
        {"1 + 2 * 3", "(+ 1 (* 2 3))"},
        {"1 * 2 % 3 / 4", "(/ (* 1 (% 2 3)) 4)"},
        {"2 ** 3 ** 2", "(** 2 (** 3 2))"},
        {"-2 ** 2", "(- (** 2 2))"},
        {"-2 ** -2", "(- (** 2 (- 2)))"},
        {"!a ** 2", "(** (! a) 2)"},
        {"-a.b; !f(x); -a[0]", "(- (. a b)); (! (call f x)); (- (index a 0))"},
        {"1 + 2..3 + 4", "(.. (+ 1 2) (+ 3 4))"},
        {"a < 1..2", "(< a (.. 1 2))"},
        {"a < b == c < d", "(== (< a b) (< c d))"},
        {"a == b && c != d || e ?? f", "(?? (|| (&& (== a b) (!= c d)) e) f)"},
        {"ok && x in xs", "(&& ok (in x xs))"},
        {"a || b && c", "(|| a (&& b c))"},
        {"a ?? b ?? c", "(?? (?? a b) c)"},
        {"a + 1 as int", "(as (+ a 1) int)"},
        {"a as int + 1", "(+ (as a int) 1)"},
        {"a is int && b is string", "(&& (is a int) (is b string))"},
        {"a = b = c", "(= a (= b c))"},
        {"a += b + c", "(+= a (+ b c))"},
        {"a **= 2; b ?\?= 3; c %= 4", "(**= a 2); (?\?= b 3); (%= c 4)"},
        {"a.b = 1; a[0] += 2; *p = 3", "(= (. a b) 1); (+= (index a 0) 2); (= (dereference p) 3)"},
        {"a - b - c", "(- (- a b) c)"},
        {"await f(1) + 1", "(+ (await (call f 1)) 1)"},
        {"await p[0]; await f().x", "(await (index p 0)); (await (. (call f) x))"},
        {"&x; &a[0]; &p.f; *p + 1; **p",
         "(address x); (address (index a 0)); (address (. p f)); (+ (dereference p) 1); (dereference "
         "(dereference p))"},
        {"i++; --i; a[0]++; p.y--; f(i++)",
         "(post++ i); (pre-- i); (post++ (index a 0)); (post-- (. p y)); (call f (post++ i))"},
        {"-x.y ** 2", "(- (** (. x y) 2))"},
        {"(1 + 2) * 3", "(* (+ 1 2) 3)"},
        {"go f(x) ; let t = go f(x)", "(go (call f x)); (let t (go (call f x)))"},
    };
    check_trees(cases, sizeof cases / sizeof *cases);
}

static void test_calls(void **state) {
    (void)state;
    static const Case cases[] = {
        {"f(); f(1, 2,); f(a = 1, 2); f(url: \"x\"); f(default = 1)",
         "(call f); (call f 1 2); (call f a=1 2); (call f url=\"x\"); (call f default=1)"},
        {"f(1)(2)[3].x.y(4)", "(call (. (. (index (call (call f 1) 2) 3) x) y) 4)"},
        {"a[1:2]; a[:2]; a[1:]; a[:]", "(slice a 1 2); (slice a _ 2); (slice a 1 _); (slice a _ _)"},
        {"x.error; x.repeat(3); x.match(1).in; x.func",
         "(. x error); (call (. x repeat) 3); (. (call (. x match) 1) in); (. x func)"},
        {"f(a.b = 1)", "(call f (= (. a b) 1))"},
        {"f(x == 1)", "(call f (== x 1))"},
        {"\"abc\".len()", "(call (. \"abc\" len))"},
        {"[1, 2].map(func(x) { return x })", "(call (. (array 1 2) map) (func (x) (block (return x))))"},
        {"import(\"math\").pi", "(. (import-call \"math\") pi)"},
        {"func() { 1 }()", "(call (func () (block 1)))"},
    };
    check_trees(cases, sizeof cases / sizeof *cases);
}

static void test_functions(void **state) {
    (void)state;
    static const Case cases[] = {
        {"func(a, b: int, c = f(), d: []int = [1]): string { a }",
         "(func (a, b: int, c = (call f), d: []int = (array 1)): string (block a))"},
        {"func add(a, b) { a + b }", "(declare add(a, b) (block (+ a b)))"},
        {"async func get(url: string): string { url }", "(async-declare get(url: string): string (block url))"},
        {"async func() { 1 }", "(async-func () (block 1))"},
        {"let f = func named() { named }", "(let f (func named() (block named)))"},
        {"let f = async func(x) { await x }", "(let f (async-func (x) (block (await x))))"},
        {"func f(cb: func(int) int, t: (int, string)): func() { cb }",
         "(declare f(cb: func(int) int, t: (int, string)): func() (block cb))"},
        {"func info(x) { info(x) }", "(declare info(x) (block (call info x)))"},
    };
    check_trees(cases, sizeof cases / sizeof *cases);
}

static void test_types(void **state) {
    (void)state;
    static const Case cases[] = {
        {"let a: int", "(let a: int)"},
        {"let a: []int; let b: [3]string; let c: {string: []int} = {}",
         "(let a: []int); (let b: [3]string); (let c: {string: []int} (dict))"},
        {"let p: *T; let q: **T", "(let p: *T); (let q: **T)"},
        {"let c: chan int = chan; let d: chan", "(let c: chan int (chan)); (let d: chan any)"},
        {"let f: func(); let g: func(int, string) bool = x; let h: func(a: int): int = x",
         "(let f: func()); (let g: func(int, string) bool x); (let h: func(int) int x)"},
        {"let t: (int, string); let u: (int)", "(let t: (int, string)); (let u: int)"},
        {"let u: int | string | nil = 5", "(let u: (int | string | nil) 5)"},
        {"let o: int? = nil; let q: []int?; let r: (int | string)?",
         "(let o: (int | nil) null); (let q: [](int | nil)); (let r: ((int | string) | nil))"},
        {"let s: pkg.Point", "(let s: pkg.Point)"},
        {"const A: []int = [1]", "(const A: []int (array 1))"},
        {"type ID = int | string", "(type ID (int | string))"},
        {"type ID = int", "(type ID int)"},
        {"ID", "ID"},
        {"type(x); let type = 5", "(call type x); (let type 5)"},
        {"x as int | string; x is string?", "(as x (int | string)); (is x (string | nil))"},
        {"let e: error", "(let e: error)"},
    };
    check_trees(cases, sizeof cases / sizeof *cases);
}

static void test_structs(void **state) {
    (void)state;
    static const Case cases[] = {
        {"struct P { x, y }", "(struct P x y)"},
        {"struct P { x: int, y: float64 = 0.0; z: Q }", "(struct P x: int y: float64 = 0f z: Q)"},
        {"struct P {\n"
         "    x: 0\n"
         "    y: \"\"\n"
         "    z\n"
         "    func len() { this.x }\n"
         "    headers: {}\n"
         "    list: []\n"
         "    cb: func(x) { x }\n"
         "    cc: func(int) int\n"
         "    q: Point()\n"
         "    r: nil\n"
         "    default: 1\n"
         "    async func run(a = 1): int { a }\n"
         "    m: {string: int} = {}\n"
         "    n: -1\n"
         "    o: a.b\n"
         "    u: int | nil\n"
         "    v: [1, 2]\n"
         "    w: [2]int\n"
         "    c: (1 + 2)\n"
         "}",
         "(struct P x = 0 y = \"\" z headers = (dict) list = (array) cb = (func (x) (block x)) cc: "
         "func(int) int q = (call Point) r = null default = 1 m: {string: int} = (dict) n = (- 1) o = (. "
         "a b) u: (int | nil) v = (array 1 2) w: [2]int c = (+ 1 2) (func len() (block (. this x))) "
         "(async-func run(a = 1): int (block a)))"},
        {"let p = User{name: \"a\", age: 1,}", "(let p (new User name=\"a\" age=1))"},
        {"let p = User{}", "(let p (new User))"},
        {"let p = User{\n"
         "  name: \"a\"\n"
         "  age: 1\n"
         "}",
         "(let p (new User name=\"a\" age=1))"},
        {"if (User{a: 1}) { 1 }", "(if (new User a=1) (block 1))"},
        {"for u in f(User{a: 1}) { u }", "(for u (call f (new User a=1)) (block u))"},
        {"return User{a: 1}", "(return (new User a=1))"},
        {"throw Name{field: v}", "(throw (new Name field=v))"},
        {"struct S { x: 0 func f() { 1 } func g() { 2 } }",
         "(struct S x = 0 (func f() (block 1)) (func g() (block 2)))"},
    };
    check_trees(cases, sizeof cases / sizeof *cases);
}

static void test_enums_and_errors(void **state) {
    (void)state;
    static const Case cases[] = {
        {"enum E { A, B = 2, C, }", "(enum E A B = 2 C)"},
        {"enum E {\n"
         "    A = 1\n"
         "    B\n"
         "    default = \"x\"\n"
         "}",
         "(enum E A = 1 B default = \"x\")"},
        {"error Name(a, b)", "(error-type Name a b)"},
        {"error Name()", "(error-type Name)"},
        {"error Name(a: int, b)", "(error-type Name a: int b)"},
        {"error Name { field: string, code: int = 1 }", "(error-type Name field: string code: int = 1)"},
        {"error Name(1)", "(raise (call Name 1))"},
        {"error Name(a.b)", "(raise (call Name (. a b)))"},
        {"error Name(a) + \"x\"", "(raise (+ (call Name a) \"x\"))"},
        {"error \"text\"", "(raise \"text\")"},
        {"error x", "(raise x)"},
        {"error(\"text\")", "(raise \"text\")"},
        {"error.f(); error = 5", "(call (. error f)); (= error 5)"},
        {"let e = error(1)", "(let e (call error 1))"},
        {"throw Name(1); throw \"x\"", "(throw (call Name 1)); (throw \"x\")"},
        {"let v = x ?? throw \"none\"", "(let v (?? x (throw \"none\")))"},
    };
    check_trees(cases, sizeof cases / sizeof *cases);
}

static void test_declaratives(void **state) {
    (void)state;
    static const Case cases[] = {
        {"info \"x\"; Warn \"y\"; fatal a + b", "(info \"x\"); (warn \"y\"); (fatal (+ a b))"},
        {"info(x)", "(info x)"},
        {"info(x, y)", "(call info x y)"},
        {"info()", "(call info)"},
        {"log.info(\"x\"); log = 5; log", "(call (. log info) \"x\"); (= log 5); log"},
        {"info [1]", "(info (array 1))"},
        {"log[0]", "(index log 0)"},
        {"todo func() { 1 }", "(todo (func () (block 1)))"},
        {"let log = func(x) { x }", "(let log (func (x) (block x)))"},
        {"log(\"x\")", "(log \"x\")"},
        {"log \"x\"", "(log \"x\")"},
        {"::info \"x\"", "(info \"x\")"},
        {"note", "note"},
        {"x", "x"},
        {"repeat 3 { i }", "(repeat i 3 (block i))"},
        {"repeat(k) n { k }", "(repeat k n (block k))"},
        {"repeat (n) { i }", "(repeat i n (block i))"},
        {"repeat(n + 1) { i }", "(repeat i (+ n 1) (block i))"},
        {"repeat(3)\n"
         "repeat xs.len() { i }",
         "(call repeat 3); (repeat i (call (. xs len)) (block i))"},
        {"let repeat = 1", "(let repeat 1)"},
        {"debug - 1", "(- debug 1)"},
        {"let Info = 1", "(let Info 1)"},
    };
    check_trees(cases, sizeof cases / sizeof *cases);
}

static void test_control(void **state) {
    (void)state;
    static const Case cases[] = {
        {"if a { 1 } else if b { 2 } else if c { 3 } else { 4 }",
         "(if a (block 1) else (if b (block 2) else (if c (block 3) else (block 4))))"},
        {"if (a) { 1 }", "(if a (block 1))"},
        {"if (a) && (b) { 1 }", "(if (&& a b) (block 1))"},
        {"if !a { }", "(if (! a) (block))"},
        {"let x = if a { 1 } else { 2 }", "(let x (if a (block 1) else (block 2)))"},
        {"while (i < 3) { i++ }", "(while (< i 3) (block (post++ i)))"},
        {"while i < 3 { break; continue }", "(while (< i 3) (block (break) (continue)))"},
        {"for v in xs { v }", "(for v xs (block v))"},
        {"for (v in xs) { v }", "(for v xs (block v))"},
        {"for k, v in {\"a\": 1} { k }", "(for k, v (dict \"a\" 1) (block k))"},
        {"for (let k, v in d) { k }", "(for k, v d (block k))"},
        {"for i in 1..3 { i }", "(for i (.. 1 3) (block i))"},
        {"for (let i = 0; i < 10; i++) { i }", "(for-c (let i 0) (< i 10) (post++ i) (block i))"},
        {"for (;;) { break }", "(for-c _ _ _ (block (break)))"},
        {"for i = 0; i < 3; i += 1 { i }", "(for-c (= i 0) (< i 3) (+= i 1) (block i))"},
        {"for (i = 0; i < f(g(1));) { i }", "(for-c (= i 0) (< i (call f (call g 1))) _ (block i))"},
        {"{ let a = 1 }", "(block (let a 1))"},
        {"{}", "(block)"},
        {"{\"a\": 1}", "(dict \"a\" 1)"},
        {"{a: 1}", "(dict a 1)"},
        {"{a}", "(block a)"},
        {"switch x { case 1, 2 { a } case y if y > 1 { b } case z { c } default { d } }",
         "(switch x (case 1 2 (block a)) (case bind y if (> y 1) (block b)) (case z (block c)) (default "
         "(block d)))"},
        {"switch (x) { case \"a\" if g { 1 } case default { 2 } }",
         "(switch x (case \"a\" if g (block 1)) (default (block 2)))"},
        {"try { a } catch { b }", "(try (block a) (catch _ (block b)))"},
        {"try { a } catch (e) { b } catch e: Foo | Bar { c } finally { d }",
         "(try (block a) (catch e (block b)) (catch e: (Foo | Bar) (block c)) finally (block d))"},
        {"try { a } finally { b }", "(try (block a) finally (block b))"},
        {"let v = try { f() } catch (e) { 0 }", "(let v (try (block (call f)) (catch e (block 0))))"},
        {"select { case v = receive(ch) { 1 } case ::receive(c) { 2 } case send(ch, x) { 3 } "
         "case after(10) { 4 } default { 5 } }",
         "(select (receive v = ch (block 1)) (receive c (block 2)) (send ch x (block 3)) (after 10 (block "
         "4)) (default (block 5)))"},
        {"let select = 1; select.x; let try = 2; try + 1", "(let select 1); (. select x); (let try 2); (+ try 1)"},
        {"defer f(); defer a.b(1); defer func() { 1 }()",
         "(defer (call f)); (defer (call (. a b) 1)); (defer (call (func () (block 1))))"},
        {"let go = func() { 1 }", "(let go (func () (block 1)))"},
        {"go func() { 1 }()", "(go (call (func () (block 1))))"},
        {"return; return 1", "(return); (return 1)"},
        {"match x { 1 => 2 } ?? 3", "(?? (match x ((value 1) => 2)) 3)"},
    };
    check_trees(cases, sizeof cases / sizeof *cases);
}

static void test_match(void **state) {
    (void)state;
    static const Case cases[] = {
        {"match x { _ => 1 }", "(match x (_ => 1))"},
        {"match x { 1 => \"a\" 2 => \"b\" _ => \"c\" }",
         "(match x ((value 1) => \"a\") ((value 2) => \"b\") (_ => \"c\"))"},
        {"match x { 1 => \"a\", 2 => \"b\"; 3 => \"c\" }",
         "(match x ((value 1) => \"a\") ((value 2) => \"b\") ((value 3) => \"c\"))"},
        {"match x {\n"
         "    [] => 0\n"
         "    [a] => a\n"
         "    [_, [b, c], ...] => b\n"
         "    [h, ...t] => h\n"
         "    {\"k\": v, \"n\": {\"m\": [w]}} if v > w => v\n"
         "    {} => 1\n"
         "    E.A => 2\n"
         "    f(1) => 3\n"
         "    1..5 => 4\n"
         "    -1 => return 5\n"
         "    \"s\" => { 6 }\n"
         "    null => throw \"x\"\n"
         "    n if n is int => { \"k\": n }\n"
         "    case y => info y\n"
         "}",
         "(match x ([] => 0) ([a] => a) ([_ [b c] ...] => b) ([h ...t] => h) ({\"k\": v \"n\": {\"m\": [w]}} if "
         "(> v w) => v) ({} => 1) ((value (. E A)) => 2) ((value (call f 1)) => 3) ((value (.. 1 5)) => "
         "4) ((value (- 1)) => (block (return 5))) ((value \"s\") => (block 6)) ((value null) => (block "
         "(throw \"x\"))) (n if (is n int) => (dict \"k\" n)) (y => (block (info y))))"},
        {"let r = match (x) { true => 1 }", "(let r (match x ((value true) => 1)))"},
    };
    check_trees(cases, sizeof cases / sizeof *cases);
}

static void test_modules(void **state) {
    (void)state;
    static const Case cases[] = {
        {"import a, b", "(import a b)"},
        {"import \"m\"", "(import m)"},
        {"import m as n, \"./x\" as y", "(import m as n ./x as y)"},
        {"include \"p.vint\"", "(include \"p.vint\")"},
        {"package P { let x = 1 func f() { @.x } }", "(package P (block (let x 1) (declare f() (block (. @ x)))))"},
    };
    check_trees(cases, sizeof cases / sizeof *cases);
}

static void test_newlines(void **state) {
    (void)state;
    static const Case cases[] = {
        /* what can begin a statement does */
        {"let a = 5\n-1", "(let a 5); (- 1)"},
        {"let a = g\n(1 + 2)", "(let a g); (+ 1 2)"},
        {"let a = b\n[1]", "(let a b); (array 1)"},
        {"let a = b\n*p = 1", "(let a b); (= (dereference p) 1)"},
        {"let a = b\n&x", "(let a b); (address x)"},
        {"a\n++x", "a; (pre++ x)"},
        {"if (x) { 1 }\n[1]", "(if x (block 1)); (array 1)"},
        {"let f = func() { 1 }\n(2)", "(let f (func () (block 1))); 2"},
        {"return\n5", "(return); 5"},
        {"x\n{ 1 }", "x; (block 1)"},
        {"chan\n(1)", "(chan); 1"},
        /* what can only continue does */
        {"a\n.b()\n.c", "(. (call (. a b)) c)"},
        {"a\n&& b\n|| c", "(|| (&& a b) c)"},
        {"a\n/ b", "(/ a b)"},
        {"x\nas int", "(as x int)"},
        {"x\nin y", "(in x y)"},
        {"let y\n= 5", "(let y 5)"},
        {"let x = 1 +\n2", "(let x (+ 1 2))"},
        {"if (x) { 1 }\nelse { 2 }", "(if x (block 1) else (block 2))"},
        {"try { 1 }\ncatch { 2 }\nfinally { 3 }", "(try (block 1) (catch _ (block 2)) finally (block 3))"},
        {"func f()\n{ 1 }", "(declare f() (block 1))"},
        /* in ( and [ nothing ends, unless a { stands inside */
        {"(a\n-b\n(c))", "(- a (call b c))"},
        {"[1\n-2, 3]", "(array (- 1 2) 3)"},
        {"f(func() {\n a\n -1\n})", "(call f (func () (block a (- 1))))"},
        {"[{\"a\": 1\n\"b\": f(1\n-1)}]", "(array (dict \"a\" 1 \"b\" (call f (- 1 1))))"},
        /* semicolons and comments */
        {"a; ; b;;", "a; b"},
        {"{ ; a ; }", "(block a)"},
        {"a // x\nb # y\n/* z\n */ c /* d */", "a; b; c"},
        {"#!/usr/bin/env vint\na", "a"},
        /* nothing is needed between statements, as long as the first does something */
        {"f() g()", "(call f); (call g)"},
        {"let p = 1 let q = 2", "(let p 1); (let q 2)"},
        {"func(n) { if (n < 2) { return n } return 1 }",
         "(func (n) (block (if (< n 2) (block (return n))) (return 1)))"},
    };
    check_trees(cases, sizeof cases / sizeof *cases);
}

/* The text of the first statement's span, and the text from its place on. */
static void test_spans(void **state) {
    (void)state;
    static const struct {
        const char *code, *span, *at;
    } cases[] = {
        {"a + b ; c", "a + b", "+ b ; c"},
        {" (1 + 2) ;", "(1 + 2)", "+ 2) ;"},
        {"f(1)(2);", "f(1)(2)", "f(1)(2);"},
        {"o.method(1);", "o.method(1)", "method(1);"},
        {"o.name", "o.name", "name"},
        {"xs[1 + 2] // c", "xs[1 + 2]", "[1 + 2] // c"},
        {"let x = 5;", "let x = 5", "x = 5;"},
        {"x = y", "x = y", "= y"},
        {"x++;", "x++", "++;"},
        {"-x;", "-x", "-x;"},
        {"func name() { 1 } ;", "func name() { 1 }", "name() { 1 } ;"},
        {"if a { 1 } else if b { 2 }\nc", "if a { 1 } else if b { 2 }", "if a { 1 } else if b { 2 }\nc"},
        {"struct P { x } ;", "struct P { x }", "P { x } ;"},
        {"x as []int;", "x as []int", "as []int;"},
        {"return 1;", "return 1", "return 1;"},
        {"info \"x\";", "info \"x\"", "info \"x\";"},
        {"-9223372036854775808;", "-9223372036854775808", "-9223372036854775808;"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Parsed parsed;
        parse(&parsed, cases[i].code);
        const Node *node = parsed.program->list.items[0];
        char *span = strndup(cases[i].code + node->span.start, node->span.end - node->span.start);
        assert_string_equal(span, cases[i].span);
        assert_string_equal(cases[i].code + node->at, cases[i].at);
        free(span);
        discard(&parsed);
    }
}

static void test_completeness(void **state) {
    (void)state;
    static const struct {
        const char *code;
        SyntaxCompleteness expected;
        const char *indent;
    } cases[] = {
        {"", SYNTAX_COMPLETE, ""},
        {"1 + 2", SYNTAX_COMPLETE, ""},
        {"if (x) { 1 }", SYNTAX_COMPLETE, ""},
        {"func f() {", SYNTAX_INCOMPLETE, "    "},
        {"func f() {\n", SYNTAX_INCOMPLETE, "    "},
        {"func f() {\n    let a = 1\n", SYNTAX_INCOMPLETE, "    "},
        {"func f() {\n    if a { // here", SYNTAX_INCOMPLETE, "        "},
        {"func f() {\n    if a { 1 }\n\n", SYNTAX_INCOMPLETE, "    "},
        {"\tf(", SYNTAX_INCOMPLETE, "\t    "},
        {"f(1,", SYNTAX_INCOMPLETE, "    "},
        {"[1, 2", SYNTAX_INCOMPLETE, "    "},
        {"let d = {", SYNTAX_INCOMPLETE, "    "},
        {"let d = {\"a\": 1,", SYNTAX_INCOMPLETE, "    "},
        {"let x =", SYNTAX_INCOMPLETE, ""},
        {"1 +", SYNTAX_INCOMPLETE, ""},
        {"a.", SYNTAX_INCOMPLETE, ""},
        {"x as", SYNTAX_INCOMPLETE, ""},
        {"if (x)", SYNTAX_INCOMPLETE, ""},
        {"if (x) { 1 } else", SYNTAX_INCOMPLETE, ""},
        {"try { 1 }", SYNTAX_INCOMPLETE, ""},
        {"match x {", SYNTAX_INCOMPLETE, "    "},
        {"match x { 1 =>", SYNTAX_INCOMPLETE, "    "},
        {"switch x { case 1", SYNTAX_INCOMPLETE, "    "},
        {"struct P {\n    x: int", SYNTAX_INCOMPLETE, "    "},
        {"enum E { A,", SYNTAX_INCOMPLETE, "    "},
        {"select {", SYNTAX_INCOMPLETE, "    "},
        {"let s = \"abc", SYNTAX_INCOMPLETE, ""},
        {"let s = `abc\n  def", SYNTAX_INCOMPLETE, ""},
        {"  x /* abc", SYNTAX_INCOMPLETE, ""},
        {"for (let i = 0; i < 3;", SYNTAX_INCOMPLETE, "    "},
        {"import", SYNTAX_INCOMPLETE, ""},
        {"let x", SYNTAX_INVALID, ""},
        {"f(]", SYNTAX_INVALID, ""},
        {"}", SYNTAX_INVALID, ""},
        {"let 5 = {", SYNTAX_INVALID, ""},
        {"let x = ) {", SYNTAX_INVALID, ""},
        {"1abc {", SYNTAX_INVALID, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char indent[SYNTAX_INDENT_SIZE];
        int result = syntax_is_complete(cases[i].code, strlen(cases[i].code), indent);
        if (result != (int)cases[i].expected || strcmp(indent, cases[i].indent) != 0) {
            print_error("%s\n", cases[i].code);
        }
        assert_int_equal(result, cases[i].expected);
        assert_string_equal(indent, cases[i].indent);
    }
    char indent[SYNTAX_INDENT_SIZE], deep[200]; /* as much as there is room for */
    memset(deep, ' ', sizeof deep);
    deep[sizeof deep - 1] = '{';
    assert_int_equal(syntax_is_complete(deep, sizeof deep, indent), SYNTAX_INCOMPLETE);
    assert_int_equal(strlen(indent), SYNTAX_INDENT_SIZE - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_literals),
        cmocka_unit_test(test_precedence),
        cmocka_unit_test(test_calls),
        cmocka_unit_test(test_functions),
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_structs),
        cmocka_unit_test(test_enums_and_errors),
        cmocka_unit_test(test_declaratives),
        cmocka_unit_test(test_control),
        cmocka_unit_test(test_match),
        cmocka_unit_test(test_modules),
        cmocka_unit_test(test_newlines),
        cmocka_unit_test(test_spans),
        cmocka_unit_test(test_completeness),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
