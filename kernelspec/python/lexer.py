"""VintLang for Pygments: the colours of nbconvert's pages and of the Jupyter console.

The list of words is put in by `vint-kernel install`, which asks the interpreter.
"""
import re

from pygments.lexer import RegexLexer, bygroups, words
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, Text, Whitespace

WORDS = "@WORDS@"

NAME = r"[^\W\d]\w*"
NEW_NAME = rf"(?!(?:{'|'.join(WORDS['keywords'] + WORDS['constants'])})\b){NAME}"
OPERAND = r"""(?=\s*["'`]|[ \t]+(?!(?:in|as|is)\b)[\w({\[])"""


def any_of(kind, after=""):
    return words(WORDS[kind], prefix=r"\b", suffix=r"\b" + after)


def either_case(word):
    return f"[{word[0]}{word[0].upper()}]{word[1:]}"


def string(quote):
    return [(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|(?s:.))", String.Escape), (quote, String, "#pop"),
            (rf"[^\\{quote}]+", String)]


class VintLexer(RegexLexer):
    name = "VintLang"
    aliases = ["vint", "vintlang"]
    filenames = ["*.vint"]
    mimetypes = ["text/x-vint"]
    url = "https://github.com/vintlang/vintlang"
    flags = re.MULTILINE

    tokens = {
        "root": [
            (r"^%%?[A-Za-z]\w*", Comment.Preproc),
            (r"^(![^=(\n].*|\?.+|[\w.]+\?\??[ \t]*$)", Comment.Preproc),
            (r"\s+", Whitespace),
            (r"(//|#).*", Comment.Single),
            (r"/\*", Comment.Multiline, "comment"),
            (r'"', String, "string"),
            (r"'", String, "quoted"),
            (r"`[^`]*`?", String.Backtick),
            (r"0[xX][0-9a-fA-F_]+", Number.Hex),
            (r"0[bB][01_]+", Number.Bin),
            (r"0[oO][0-7_]+", Number.Oct),
            (r"\d[\d_]*(\.\d[\d_]*([eE][+-]?\d[\d_]*)?|[eE][+-]?\d[\d_]*)", Number.Float),
            (r"\d[\d_]*", Number.Integer),
            (rf"(?<!\.)(\.)(\s*)({NAME})", bygroups(Punctuation, Whitespace, Name.Attribute)),
            (any_of("constants"), Keyword.Constant),
            (rf"\b(let|const)(\s+)({NEW_NAME})", bygroups(Keyword.Declaration, Whitespace, Name.Variable)),
            (rf"\b(func)(\s+)({NEW_NAME})", bygroups(Keyword, Whitespace, Name.Function)),
            (rf"\b(struct|enum|type)([ \t]+)({NEW_NAME})", bygroups(Keyword, Whitespace, Name.Class)),
            (rf"\b(import|package)(\s+)({NEW_NAME})", bygroups(Keyword.Namespace, Whitespace, Name.Namespace)),
            (any_of("keywords"), Keyword),
            (r"\b(try|finally|select)\b(?=\s*\{)", Keyword),
            (r"\bcatch\b(?=\s*[({]|\s+\w)", Keyword),
            (any_of("softKeywords", OPERAND), Keyword),
            (rf"\b({'|'.join(map(either_case, WORDS['declaratives']))})\b{OPERAND}", Keyword),
            (any_of("modules", r"(?=\.)"), Name.Namespace),
            (any_of("functions", r"(?=\s*\()"), Name.Builtin),
            (any_of("types"), Keyword.Type),
            (NAME, Name),
            (r"\.\.\.?|::|[-+*/%=!<>?:&|@]", Operator),
            (r"[()\[\]{},;.]", Punctuation),
            (r".", Text),
        ],
        "comment": [(r"\*/", Comment.Multiline, "#pop"), (r"[^*]+|\*", Comment.Multiline)],
        "string": string('"'),
        "quoted": string("'"),
    }
