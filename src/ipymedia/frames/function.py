"""A user's function: checked when it is given, called once a frame, directly, as a coroutine, or in an executor."""

from __future__ import annotations

import asyncio
import functools
import inspect
import math
import time
import traceback
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from types import TracebackType
from typing import Any

from ..errors import ProcessingError, Reason

Function = Callable[[Any], Any]

_WORKERS_KNOWN_FOR_S = 5.0
"""A cluster may grow; asking it takes a round trip, too much for each frame."""


def check_function(function: object) -> Function:
    """Refuse what can't be called with one picture.

    Raises
    ------
    ProcessingError
        With reason ``bad_argument``; says what was given and what is expected.
    """
    if not callable(function):
        raise ProcessingError(
            f"map() needs a function of one picture, and was given {type(function).__name__}: {function!r:.80}.",
            Reason.BAD_ARGUMENT,
        )
    try:
        inspect.signature(function).bind(object())
    except TypeError as error:
        raise ProcessingError(
            f"map() calls its function with one picture, and {name_of(function)}{inspect.signature(function)} can't be "
            f"called so ({error}). Give further arguments by functools.partial or a lambda.",
            Reason.BAD_ARGUMENT,
        ) from error
    except ValueError:
        pass  # a builtin without a signature: the first frame will tell
    return function


def name_of(function: object) -> str:
    """What a user calls this function."""
    while isinstance(function, functools.partial):
        function = function.func
    return str(getattr(function, "__qualname__", type(function).__qualname__))


def is_async(function: object) -> bool:
    """Whether a call gives an awaitable."""
    while isinstance(function, functools.partial):
        function = function.func
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        getattr(function, "__call__", None)  # noqa: B004 (the method itself is asked)
    )


def as_executor(executor: object) -> Executor | None:
    """Take an executor, or a Dask client for its executor.

    Raises
    ------
    ProcessingError
        When it is neither.
    """
    if executor is None or isinstance(executor, Executor):
        return executor
    get_executor = getattr(executor, "get_executor", None)
    if callable(get_executor):
        made = get_executor(pure=False)
        if isinstance(made, Executor):
            return made
    raise ProcessingError(
        f"executor= takes a concurrent.futures.Executor or a Dask client, and was given {type(executor).__name__}.",
        Reason.BAD_ARGUMENT,
    )


def workers_of(executor: Executor) -> int:
    """How many calls an executor works on at once; 4 where it does not say."""
    known = getattr(executor, "_max_workers", None)
    if known is None:
        client = getattr(executor, "_client", None)
        if client is not None:
            known = sum(client.nthreads().values())
    return int(known) if isinstance(known, int) and known > 0 else 4


@functools.lru_cache(maxsize=16)
def _function_of(pickled: bytes) -> Function:
    import cloudpickle

    loaded: Function = cloudpickle.loads(pickled)
    return loaded


def call_pickled(pickled: bytes, argument: Any) -> Any:
    """Run in the executor's process: functions of a notebook are in no module, so they travel by cloudpickle."""
    return _call(_function_of(pickled), argument)


def _call(function: Function, argument: Any) -> Any:
    value = function(argument)
    if inspect.isawaitable(value):

        async def wait() -> Any:
            return await value

        return asyncio.run(wait())
    return value


class Caller:
    """Calls one function; made anew when the function is replaced.

    Parameters
    ----------
    function
        Checked by `check_function`.
    executor
        None calls on the worker thread; a coroutine function then runs on an event loop of that thread.
    """

    def __init__(self, function: Function, executor: Executor | None) -> None:
        self.function = function
        self.executor = executor
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pickled: bytes | None = None
        self._workers = 1
        self._workers_known_s = -math.inf

    @property
    def parallel(self) -> int:
        """How many calls may be under way."""
        if self.executor is None:
            return 1
        now_s = time.monotonic()
        if now_s > self._workers_known_s + _WORKERS_KNOWN_FOR_S:
            self._workers, self._workers_known_s = workers_of(self.executor), now_s
        return self._workers

    def __call__(self, argument: Any) -> Any:
        """Call and wait, on this thread."""
        value = self.function(argument)
        if not inspect.isawaitable(value):
            return value
        if self._loop is None:
            self._loop = asyncio.new_event_loop()

        async def wait() -> Any:
            return await value

        return self._loop.run_until_complete(wait())

    def submit(self, argument: Any) -> Future[Any]:
        """Hand a call to the executor."""
        assert self.executor is not None
        from concurrent.futures import ThreadPoolExecutor

        if isinstance(self.executor, ThreadPoolExecutor):
            return self.executor.submit(_call, self.function, argument)
        if self._pickled is None:
            import cloudpickle

            self._pickled = cloudpickle.dumps(self.function)
        return self.executor.submit(call_pickled, self._pickled, argument)

    def close(self) -> None:
        """End the event loop, if there is one."""
        if self._loop is not None:
            self._loop.close()
            self._loop = None


_PACKAGE = Path(__file__).parents[1]


def _is_ours(filename: str) -> bool:
    """Whether it is of this package; a user's own folder may have its name."""
    return _PACKAGE in Path(filename).parents


def _own_part(trace: TracebackType | None) -> TracebackType | None:
    """The traceback from where the user's code begins: who called it is of no use to them."""
    inner = trace
    while inner is not None and _is_ours(inner.tb_frame.f_code.co_filename):
        inner = inner.tb_next
    return inner or trace


def failure_of(error: BaseException, function: object) -> ProcessingError:
    """What the view shows: the exception in one line, and where in the user's code it was; the traceback as detail.

    `function` is what failed, or its name.
    """
    if isinstance(error, ProcessingError):
        return error
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not _is_ours(frame.filename)]
    place = f" in line {own[-1].lineno}: {own[-1].line}" if own and own[-1].line else ""
    last = "".join(traceback.format_exception_only(type(error), error)).strip()
    failure = ProcessingError(
        f"{function if isinstance(function, str) else name_of(function)} failed{place}\n{last}",
        Reason.FUNCTION_FAILED,
        "".join(traceback.format_exception(type(error), error, _own_part(error.__traceback__))),
    )
    failure.__cause__ = error
    return failure
