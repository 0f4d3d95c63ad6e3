/*
 * kernel.js -- VintLang in the classic Notebook (version 6, and nbclassic), whose editor is CodeMirror 5.
 *
 * The Notebook loads this file for a notebook of this kernel, and asks for the mode by the name below as soon as the
 * kernel has told it; either may come first.
 */
define("codemirror/mode/vint/vint", ["codemirror/lib/codemirror"], (CodeMirror) => {
    CodeMirror.defineMode("vint", (config) => ({
        ...vintMode,
        unit: config.indentUnit,
        pass: CodeMirror.Pass,
        lineComment: "//",
        blockCommentStart: "/*",
        blockCommentEnd: "*/",
        closeBrackets: "()[]{}\"\"''``",
        electricInput: /^\s*[)\]}]$/,
        fold: "brace",
    }));
    CodeMirror.defineMIME("text/x-vint", "vint");
});

define(["base/js/namespace", "codemirror/mode/vint/vint"], (Jupyter) => ({
    onload() {
        const language = Jupyter.notebook.metadata.language_info;
        if (language) Jupyter.notebook.set_codemirror_mode(language.codemirror_mode);
    },
}));
