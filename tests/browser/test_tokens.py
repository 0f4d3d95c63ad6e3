"""The two tokenizers, that of the editors and that of Pygments, see the same in every program of the project."""
import importlib.util
import json
import subprocess

import pytest
from pygments.token import Comment, Keyword, Literal, Name, Number, String

from conftest import PROGRAM, TOP

# What both call by different names. The rest (operators, brackets, blanks) has no colour that matters.
KINDS = [(Comment.Preproc, "meta"), (Comment, "comment"), (String, "string"), (Number, "number"),
         (Keyword.Constant, "atom"), (Keyword.Type, "type"), (Keyword, "keyword"), (Name.Builtin, "builtin"),
         (Name.Attribute, "property"), (Literal, "string")]
STYLES = {"string-2": "string"}

TOKENIZE = """
(text) => {
    const state = vintMode.startState(), found = [];
    for (const line of text.split("\\n")) {
        const stream = new CodeMirrorStream(line);
        while (!stream.eol()) {
            stream.start = stream.pos;
            const style = vintMode.token(stream, state);
            if (stream.pos === stream.start) throw new Error("no progress in " + line);
            found.push([style, line.slice(stream.start, stream.pos)]);
        }
    }
    return found;
}
"""

# The part of CodeMirror's StringStream that a tokenizer uses.
STREAM = """
globalThis.CodeMirrorStream = class {
    constructor(string) { Object.assign(this, { string, pos: 0, start: 0 }); }
    eol() { return this.pos >= this.string.length; }
    sol() { return this.pos === 0; }
    peek() { return this.string.charAt(this.pos) || undefined; }
    next() { return this.eol() ? undefined : this.string.charAt(this.pos++); }
    eatSpace() { const from = this.pos; while (/\\s/.test(this.peek() || "")) this.pos++; return this.pos > from; }
    skipToEnd() { this.pos = this.string.length; }
    indentation() { return this.string.search(/\\S|$/); }
    match(pattern, consume) {
        const rest = this.string.slice(this.pos);
        const found = typeof pattern === "string" ? rest.startsWith(pattern) && [pattern] : rest.match(pattern);
        if (found && consume !== false) this.pos += found[0].length;
        return found || null;
    }
};
"""


def by_character(tokens):
    return [(kind, character) for kind, text in tokens for character in text if not character.isspace()]


@pytest.fixture(scope="module")
def lexer(tmp_path_factory):
    folder = tmp_path_factory.mktemp("installed")
    (folder / "lib/python3/site-packages").mkdir(parents=True)
    subprocess.run([PROGRAM, "install", "--prefix", folder], check=True, stdout=subprocess.DEVNULL)
    spec = importlib.util.spec_from_file_location("lexer", folder / "lib/python3/site-packages/vintlang/lexer.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    mode = (folder / "share/jupyter/kernels/vint/kernel.js").read_text().partition('define("codemirror')[0]
    return module.VintLexer(stripnl=False, ensurenl=False), mode


def test_they_agree(lexer, pages):
    pygments, mode = lexer
    page = pages("about:blank")
    page.evaluate(f"(0, eval)({json.dumps(STREAM + mode)})")
    folders = TOP / "tests/language", TOP / "tests/tools/format", TOP / "interp"
    programs = [path for folder in folders for path in folder.rglob("*.vint")]
    assert len(programs) > 100
    differences = []
    for path in programs:
        text = path.read_bytes().decode(errors="replace").replace("\r", "")
        tokens = page.evaluate(f"({TOKENIZE})({json.dumps(text)})")
        editors = [(STYLES.get(style, style), part) for style, part in tokens]
        others = [(next((style for kind, style in KINDS if token in kind), None), part)
                  for token, part in pygments.get_tokens(text)]
        known = {style for _, style in KINDS}
        for (mine, a), (other, b) in zip(by_character(editors), by_character(others), strict=True):
            if (mine if mine in known else None) != other:
                differences.append((str(path.relative_to(TOP)), mine, other, a))
    assert not differences, (len(differences), differences[:20])
