/*
 * mode.js -- what editors in a browser know of VintLang: its colours, its indentation.
 *
 * A stream tokenizer, which CodeMirror 5 takes as a mode and CodeMirror 6 as a StreamParser: both hand over a line, and
 * the state in which the line before it ended, and get the style of one token after the other, in the names that
 * CodeMirror 5 gave them. kernel.js and lab/remoteEntry.js follow this text in the files that are installed; the list
 * of words is put in by `vint-kernel install`, which asks the interpreter.
 *
 * It sees one line at a time and no syntax tree, so it guesses where a word has two meanings: `go` is a keyword where
 * an operand follows, `time` a module where a dot follows, `len` a builtin where it is called.
 */
var vintMode = (() => {
    const words = "@WORDS@";
    const kinds = {};
    for (const kind in words) kinds[kind] = new Set(words[kind]);

    const NAME = /^[\p{L}_][\p{L}\p{M}\p{N}_]*/u;
    const NUMBER = /^(?:0x[\da-f_]+|0b[01_]+|0o[0-7_]+|\d[\d_]*(?:\.\d[\d_]*)?(?:e[+-]?\d[\d_]*)?)/i;
    const ESCAPE = /^\\(?:x[\da-f]{2}|u[\da-f]{4}|.|$)/i;
    const OPERATOR = /^(?:\.\.\.?|::|\?\?=?|=>|\+\+|--|&&|\|\||\*\*=?|[-+*/%=!<>]=?|[?:&|@])/;
    const MAGIC = /^(?:%%?[A-Za-z]\w*|!(?![=(]).*|\?.+|[\w.]+\?\??\s*$)/;
    const OPERAND = /^(?:\s*["'`]|\s+(?!(?:in|as|is)\b)[\p{L}\d_({[])/u;
    const SOFT = {
        type: /^\s+[\p{L}_][\p{L}\p{N}_]*\s*=/u, catch: /^\s*[({]|^\s+[\p{L}_]/u,
        try: /^\s*\{/, finally: /^\s*\{/, select: /^\s*\{/,
    };
    const DEFINES = new Set(["func", "let", "const", "struct", "enum", "type", "package"]);
    const CLOSING = /^\s*[)\]}]/;

    /* Inside of a comment or a string until [end] matches; escapes have a colour of their own. */
    function inside(stream, state) {
        if (state.quote === "*") {
            if (stream.match(/^.*?\*\//)) state.quote = "";
            else stream.skipToEnd();
            return "comment";
        }
        if (state.quote !== "`" && stream.match(ESCAPE)) return "string-2";
        while (!stream.eol() && !(stream.peek() === "\\" && state.quote !== "`")) {
            if (stream.next() === state.quote) {
                state.quote = "";
                break;
            }
        }
        return "string";
    }

    function follows(stream, pattern) {
        return stream.match(pattern, false);
    }

    function word(stream, state, name, before) {
        const small = name[0].toLowerCase() + name.slice(1);
        if (before === ".") return "property";
        if (kinds.constants.has(name)) return "atom";
        if (kinds.keywords.has(name)) return "keyword";
        if (DEFINES.has(before)) return "def";
        if (before === "import") return "variable-2";
        if (kinds.softKeywords.has(name) && follows(stream, SOFT[name] || OPERAND)) return "keyword";
        if (kinds.declaratives.has(small) && follows(stream, OPERAND)) return "keyword";
        if (kinds.modules.has(name) && follows(stream, /^\./)) return "variable-2";
        if (kinds.functions.has(name) && follows(stream, /^\s*\(/)) return "builtin";
        return kinds.types.has(name) ? "type" : "variable";
    }

    function token(stream, state) {
        if (state.quote) return inside(stream, state);
        if (stream.sol() && state.open.length === 0 && stream.match(MAGIC)) return "meta";
        if (stream.eatSpace()) return null;
        if (stream.match("//") || stream.match("#")) {
            stream.skipToEnd();
            return "comment";
        }
        if (stream.match("/*")) {
            state.quote = "*";
            return inside(stream, state);
        }
        const before = state.before;
        state.before = "";
        if (stream.match(NUMBER)) return "number";
        const name = stream.match(NAME);
        if (name) {
            const style = word(stream, state, name[0], before);
            if (style === "keyword") state.before = name[0];
            return style;
        }
        if (stream.match(OPERATOR)) return "operator";
        const c = stream.next();
        if (c === '"' || c === "'" || c === "`") {
            state.quote = c;
            return "string";
        }
        if ("([{".includes(c)) state.open.push(stream.indentation());
        if (")]}".includes(c)) state.open.pop();
        state.before = c;
        return "([{}])".includes(c) ? "bracket" : null;
    }

    /* A line is indented by one unit more than the line of the innermost open bracket, its closing one as that line. */
    function indent(state, after, context) {
        if (state.quote) return this.pass;
        const around = state.open.length > 0 ? state.open[state.open.length - 1] : -1;
        if (around < 0) return 0;
        return CLOSING.test(after) ? around : around + (context.unit || this.unit);
    }

    return {
        name: "vint",
        startState: () => ({ quote: "", before: "", open: [] }),
        token,
        indent,
        unit: 4,    // blanks, where the editor does not say
        pass: null, // "leave the indentation as it is"
    };
})();

