"""What jupyter_kernel_test, the tests that Jupyter has for all kernels, needs to know of this one."""
import jupyter_kernel_test


class VintKernelTests(jupyter_kernel_test.KernelTests):
    kernel_name = "vint"
    language_name = "vint"
    file_extension = ".vint"
    code_hello_world = 'print("hello, world")'
    completion_samples = [{"text": "printlnE", "matches": {"printlnErr"}}, {"text": "\"abc\".trimS", "matches": {"trimStart"}},
                          {"text": "import matc", "matches": set()}]
    complete_code_samples = ["1", 'print("x")', "func f(a) { return a }", "let x = [1, 2]"]
    incomplete_code_samples = ["func f(a) {", "let x = [1,", "print(", "if (true) {"]
    invalid_code_samples = ["let = 5 )", "1 1 )"]
    code_generate_error = "nowhere"
    code_execute_result = [{"code": "1 + 2 * 3", "result": "7"}, {"code": '"a" + 1', "result": '"a1"'}]
    code_history_pattern = "1 + 2 ?*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "print"
    code_page_something = "?print"


if hasattr(jupyter_kernel_test, "IopubWelcomeTests"):  # from version 0.5 on

    class VintWelcomeTests(jupyter_kernel_test.IopubWelcomeTests):
        kernel_name = "vint"
        support_iopub_welcome = True
