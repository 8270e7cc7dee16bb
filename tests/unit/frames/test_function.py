"""A user's function: checked when given, called in each way there is."""

from __future__ import annotations

import asyncio
import functools
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ipymedia.errors import ProcessingError, Reason
from ipymedia.frames.function import (
    Caller,
    as_executor,
    call_pickled,
    check_function,
    failure_of,
    is_async,
    name_of,
    workers_of,
)


def double(value: int) -> int:
    return 2 * value


async def double_later(value: int) -> int:
    await asyncio.sleep(0)
    return 2 * value


class Doubler:
    def __call__(self, value: int) -> int:
        return 2 * value


class DoublerLater:
    async def __call__(self, value: int) -> int:
        return 2 * value


GOOD = [
    double,
    double_later,
    Doubler(),
    DoublerLater(),
    functools.partial(double),
    lambda value, other=1: 2 * value,
    lambda *values: 2 * values[0],
]


@pytest.mark.parametrize("function", GOOD)
@pytest.mark.parametrize("way", ["here", "in a pool", "pickled"])
def test_functions_of_every_kind_are_called(function: Any, way: str) -> None:
    assert check_function(function) is function
    if way == "here":
        caller = Caller(function, None)
        assert [caller(21), caller(1)] == [42, 2]
        caller.close()
        caller.close()
    elif way == "in a pool":
        with ThreadPoolExecutor(2) as pool:
            assert Caller(function, pool).submit(21).result(10) == 42
    else:
        import cloudpickle

        assert call_pickled(cloudpickle.dumps(function), 21) == 42


@pytest.mark.parametrize("function", [None, 3, "edges", [double]])
def test_what_is_not_callable_is_refused_by_name(function: object) -> None:
    with pytest.raises(ProcessingError, match=type(function).__name__) as refused:
        check_function(function)
    assert refused.value.reason is Reason.BAD_ARGUMENT


@pytest.mark.parametrize("function", [lambda: 1, lambda a, b: 1, lambda *, image: 1])
def test_a_wrong_number_of_arguments_is_refused_at_once(function: Any) -> None:
    with pytest.raises(ProcessingError, match=r"<lambda>.*can't be called so") as refused:
        check_function(function)
    assert refused.value.reason is Reason.BAD_ARGUMENT


def test_builtins_without_a_signature_are_taken() -> None:
    assert check_function(max) is max


def test_names_and_kinds() -> None:
    assert name_of(functools.partial(functools.partial(double))) == "double"
    assert name_of(Doubler()) == "Doubler"
    assert [is_async(function) for function in GOOD[:5]] == [False, True, False, True, False]
    assert is_async(functools.partial(double_later))


def test_executors() -> None:
    with ThreadPoolExecutor(3) as pool:
        assert as_executor(pool) is pool
        assert workers_of(pool) == 3
        assert Caller(double, pool).parallel == 3
    assert as_executor(None) is None
    assert Caller(double, None).parallel == 1
    with pytest.raises(ProcessingError, match="was given int"):
        as_executor(4)


def test_a_users_folder_may_have_the_packages_name(tmp_path: Path) -> None:
    file = tmp_path / "ipymedia" / "mine.py"
    file.parent.mkdir()
    file.write_text("def edges(image):\n    return image / 0\n")
    names: dict[str, Any] = {}
    exec(compile(file.read_text(), str(file), "exec"), names)
    with pytest.raises(ZeroDivisionError) as raised:
        Caller(names["edges"], None)(1)
    failure = failure_of(raised.value, names["edges"])
    assert "edges failed in line 2" in failure.message
    assert "mine.py" in failure.detail


def test_a_failure_says_where_in_the_users_code_it_was() -> None:
    def edges(image: int) -> float:
        return image / 0

    with pytest.raises(ZeroDivisionError) as raised:
        Caller(edges, None)(1)
    failure = failure_of(raised.value, edges)
    assert failure.reason is Reason.FUNCTION_FAILED
    first, last = failure.message.splitlines()
    assert "edges failed in line" in first
    assert "return image / 0" in first
    assert last == "ZeroDivisionError: division by zero"
    assert "Traceback" in failure.detail
    assert failure.__cause__ is raised.value
    assert failure_of(failure, edges) is failure
