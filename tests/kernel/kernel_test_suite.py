"""What jupyter_kernel_test, the tests that Jupyter has for all kernels, needs to know of this one."""
import jupyter_kernel_test


class VintKernelTests(jupyter_kernel_test.KernelTests):
    kernel_name = "vint"
    language_name = "vint"
    file_extension = ".vint"
    code_hello_world = 'print("hello, world")'
    code_stderr = 'printErr("words")'
    completion_samples = [{"text": "printlnE", "matches": {"printlnErr"}},
                          {"text": "\"abc\".trimS", "matches": {"trimStart"}},
                          {"text": "let x = whil", "matches": {"while"}}, {"text": "import matc", "matches": set()}]
    complete_code_samples = ["1", 'print("x")', "func f(a) { return a }", "let x = [1, 2]"]
    incomplete_code_samples = ["func f(a) {", "let x = [1,", "print(", "if (true) {"]
    invalid_code_samples = ["let = 5 )", "1 1 )"]
    code_generate_error = "nowhere"
    code_execute_result = [{"code": "1 + 2 * 3", "result": "7"}, {"code": '"a" + 1', "result": '"a1"'}]
    code_history_pattern = "1 + 2 ?*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "print"
    code_page_something = "?print"
    code_clear_output = "clear()"
    code_display_data = [
        {"code": 'display(html("<b>bold</b>"))', "mime": "text/html"},
        {"code": 'display(markdown("*x*"))', "mime": "text/markdown"},
        {"code": 'display(latex("$x$"))', "mime": "text/latex"},
        {"code": 'display(svg("<svg/>"))', "mime": "image/svg+xml"},
        {"code": 'display(json({"a": [1]}))', "mime": "application/json"},
    ]


if hasattr(jupyter_kernel_test, "IopubWelcomeTests"):  # from version 0.5 on

    class VintWelcomeTests(jupyter_kernel_test.IopubWelcomeTests):
        kernel_name = "vint"
        support_iopub_welcome = True
