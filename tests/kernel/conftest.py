"""Fixtures: a kernel of its own for each test, and a client of it."""
import pytest

from frontend import Kernel


@pytest.fixture
def start(tmp_path):
    """Starts kernels; all of them end with the test, and have to end well."""
    kernels = []

    def start(**environment):
        folder = tmp_path / str(len(kernels))
        folder.mkdir()
        kernels.append(Kernel(folder, **environment))
        return kernels[-1]

    yield start
    statuses = [kernel.close() for kernel in kernels]
    reports = [kernel.stderr() for kernel in kernels]
    assert "ERROR: AddressSanitizer" not in str(reports) and "runtime error" not in str(reports), "\n".join(reports)
    assert not any(statuses), f"exit statuses {statuses}: {reports}"


@pytest.fixture
def kernel(start):
    return start()


@pytest.fixture
def client(kernel):
    return kernel.client()
