/*
 * remoteEntry.js -- VintLang in JupyterLab 4 and Notebook 7, whose editor is CodeMirror 6.
 *
 * A prebuilt extension, written by hand. The application loads this script, gives the container at its end the scope in
 * which all extensions share their packages, and asks it for a list of plugins. Nothing is bundled here: CodeMirror and
 * the application's own parts are those that it runs itself.
 */
(() => {
    const here = document.currentScript.src;
    let shared;

    /* A package of the shared scope: the version that is in use already, else any. */
    async function use(name) {
        const versions = Object.values(shared[name] || {});
        if (versions.length === 0) throw new Error(`vintlang: this application shares no ${name}`);
        return (await (versions.find((version) => version.loaded) || versions[0]).get())();
    }

    const LANGUAGE_DATA = {
        commentTokens: { line: "//", block: { open: "/*", close: "*/" } },
        closeBrackets: { brackets: ["(", "[", "{", '"', "'", "`"] },
        indentOnInput: /^\s*[)\]}]$/,
    };

    async function support() {
        const { LanguageSupport, StreamLanguage } = await use("@codemirror/language");
        return new LanguageSupport(StreamLanguage.define({ ...vintMode, languageData: LANGUAGE_DATA }));
    }

    async function plugin() {
        const { IEditorLanguageRegistry } = await use("@jupyterlab/codemirror");
        const { LabIcon } = await use("@jupyterlab/ui-components");
        const svgstr = await (await fetch(new URL("logo.svg", here))).text();
        return {
            id: "vintlang:language",
            description: "Colours, indentation and the file type of VintLang.",
            autoStart: true,
            requires: [IEditorLanguageRegistry],
            activate(app, languages) {
                languages.addLanguage({
                    name: "vint", displayName: "VintLang", mime: "text/x-vint", extensions: ["vint"], load: support,
                });
                app.docRegistry.addFileType({
                    name: "vint", displayName: "VintLang file", extensions: [".vint"], mimeTypes: ["text/x-vint"],
                    icon: new LabIcon({ name: "vintlang:file", svgstr }),
                });
            },
        };
    }

    globalThis._JUPYTERLAB = globalThis._JUPYTERLAB || {};
    globalThis._JUPYTERLAB.vintlang = {
        init(scope) {
            shared = scope;
        },
        async get() {
            const made = { __esModule: true, default: await plugin() };
            return () => made;
        },
    };
})();
