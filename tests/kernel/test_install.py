"""vint-kernel install and uninstall: what lies where afterwards, and that nothing is left."""
import json
import os
import subprocess
import sys

import pytest

from frontend import PROGRAM

LAB = "share/jupyter/labextensions/vintlang"
PACKAGES = f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"


@pytest.fixture
def prefix(tmp_path):
    """A prefix that looks like a Python environment."""
    (tmp_path / PACKAGES).mkdir(parents=True)
    return tmp_path


def call(*arguments, **environment):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True,
                          env={**os.environ, **{name: str(value) for name, value in environment.items()}})


def good(*arguments, **environment):
    run = call(*arguments, **environment)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def spec(prefix, name="vint"):
    return json.loads((prefix / f"share/jupyter/kernels/{name}/kernel.json").read_text())


def test_everything_lies_where_it_is_looked_for(prefix):
    good("install", "--prefix", prefix)
    kernel = "share/jupyter/kernels/vint"
    spec_files = "kernel.js", "kernel.json", "logo-32x32.png", "logo-64x64.png", "logo-svg.svg"
    assert files(prefix) == sorted(
        [f"{kernel}/{name}" for name in spec_files]
        + [f"{LAB}/{name}" for name in ("package.json", "static/logo.svg", "static/remoteEntry.js")]
        + [f"{PACKAGES}/vintlang/{name}" for name in ("lexer.py", "papermill.py")]
        + [f"{PACKAGES}/vintlang.dist-info/{name}" for name in ("METADATA", "entry_points.txt")])
    assert spec(prefix)["argv"] == [str(PROGRAM), "-f", "{connection_file}"]
    assert spec(prefix)["env"] == {"VINT_PYGMENTS_LEXER": "vint"}
    for name in files(prefix):
        text = (prefix / name).read_bytes()
        assert b"@WORDS@" not in text and b"@VERSION@" not in text


def test_jupyter_lists_them(prefix, monkeypatch):
    pytest.importorskip("jupyterlab")
    good("install", "--prefix", prefix)
    monkeypatch.setenv("JUPYTER_PATH", str(prefix / "share/jupyter"))
    listed = {name: subprocess.run([sys.executable, "-m", *name.split()], capture_output=True, text=True)
              for name in ("jupyter_client.kernelspecapp list", "jupyterlab.labextensions list")}
    assert all(str(prefix) in run.stdout + run.stderr for run in listed.values()), listed
    extensions = listed["jupyterlab.labextensions list"]
    assert "vintlang v" in extensions.stdout + extensions.stderr


def test_uninstall_leaves_nothing(prefix):
    (prefix / PACKAGES / "other.py").write_text("")
    good("install", "--prefix", prefix)
    (prefix / PACKAGES / "vintlang/__pycache__").mkdir()
    (prefix / PACKAGES / "vintlang/__pycache__/lexer.pyc").write_text("")
    good("uninstall", "--prefix", prefix)
    assert files(prefix) == [f"{PACKAGES}/other.py"]
    assert not (prefix / LAB).exists() and not (prefix / PACKAGES / "vintlang").exists()
    again = call("uninstall", "--prefix", prefix)
    assert again.returncode == 1 and "No such file" in again.stderr


def test_the_colours_stay_while_a_kernel_needs_them(prefix):
    good("install", "--prefix", prefix)
    good("install", "--prefix", prefix, "--name", "second", "--display-name", "Another")
    assert spec(prefix, "second")["display_name"] == "Another"
    good("uninstall", "--prefix", prefix)
    assert (prefix / LAB).exists() and (prefix / PACKAGES / "vintlang").exists()
    good("uninstall", "--prefix", prefix, "--name", "second")
    assert files(prefix) == []


def test_a_prefix_without_python(tmp_path):
    assert "No Python was found" in good("install", "--prefix", tmp_path)
    assert "env" not in spec(tmp_path) and (tmp_path / LAB).exists()


def test_folders_that_refuse(prefix):
    """The lexer is dispensable, the rest is not."""
    (prefix / PACKAGES / "vintlang").write_text("a file where a folder should be")
    run = call("install", "--prefix", prefix)
    assert run.returncode == 0 and "cannot write into" in run.stderr and "env" not in spec(prefix)
    run = call("install", "--prefix", prefix / PACKAGES / "vintlang")
    assert run.returncode == 1 and "cannot write" in run.stderr


def test_another_kernel_of_that_name(prefix):
    folder = prefix / "share/jupyter/kernels/vint"
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text('{"argv": ["/usr/bin/other"], "display_name": "Other", "language": "vint"}')
    (folder / "other.txt").write_text("")
    for command in "install", "uninstall":
        run = call(command, "--prefix", prefix)
        assert run.returncode == 1 and "another kernel" in run.stderr
    assert files(prefix) == ["share/jupyter/kernels/vint/kernel.json", "share/jupyter/kernels/vint/other.txt"]
    good("install", "--prefix", prefix, "--replace")
    assert spec(prefix)["argv"][0] == str(PROGRAM) and not (folder / "other.txt").exists()
    good("install", "--prefix", prefix)


def test_for_the_user(tmp_path):
    own = {"HOME": tmp_path, "PYTHONUSERBASE": tmp_path / "base", "JUPYTER_DATA_DIR": "", "XDG_DATA_HOME": ""}
    good("install", "--user", **own)
    assert (tmp_path / ".local/share/jupyter/kernels/vint/kernel.json").exists()
    assert (tmp_path / ".local/share/jupyter/labextensions/vintlang/package.json").exists()
    assert [name for name in files(tmp_path / "base") if name.endswith("site-packages/vintlang/lexer.py")]
    good("uninstall", **own)
    assert files(tmp_path) == []
    good("install", **{**own, "JUPYTER_DATA_DIR": tmp_path / "data"})
    assert (tmp_path / "data/kernels/vint/kernel.json").exists()


def test_in_the_active_environment(prefix):
    good("install", "--sys-prefix", VIRTUAL_ENV=prefix)
    assert (prefix / PACKAGES / "vintlang/lexer.py").exists()
    run = call("install", "--sys-prefix", VIRTUAL_ENV="", CONDA_PREFIX="")
    assert run.returncode == 2 and "no environment is active" in run.stderr


@pytest.mark.parametrize("arguments", [["--name", "a/b"], ["--name", ""], ["--nonsense"], ["--prefix"]])
def test_arguments_that_make_no_sense(arguments):
    assert call("install", *arguments).returncode == 2
