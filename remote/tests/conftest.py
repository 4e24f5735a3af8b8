import pytest

import driver


@pytest.fixture
def agent():
    """An agent on the system's Python with module_utils and some modules in RAM."""
    one = driver.Agent()
    one.sources(driver.module_utils() + [driver.module(name) for name in
                                         ("command", "ping", "copy", "file", "stat", "lineinfile")])
    yield one
    one.close()


@pytest.fixture
def bare():
    """An agent that has been sent nothing."""
    one = driver.Agent()
    yield one
    one.close()
