"""How is a notebook run on somebody's data?

In a Python of its own that talks through sockets in a private folder where the system has them
(nothing on the network), without the user's kernels, start-up files or history; none of them
outlives this one. What these data cannot answer does not stop a notebook; any other error stops
that one only.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import signal
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.progress import Progress, silent

AT_ONCE = 2
CANNOT_ANSWER = CannotAnswerError.__name__
INJECTED = "injected-parameters"
#: a time limit, a closed terminal; Ctrl-C is asyncio's own
ENDS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


@dataclass(frozen=True)
class Executed:
    """A notebook with its outputs; ``files`` were saved by the cell of that number."""

    name: str
    notebook: NotebookNode
    files: Mapping[int, Sequence[Path]]
    failure: str | None = None


class OwnKernel(KernelSpecManager):
    """The Python that runs this, whatever kernels the user has installed."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return this Python, under every name."""
        command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=command, display_name="Python 3", language="python")


class OwnLoop(asyncio.SelectorEventLoop):
    """A loop without nbclient's signals, which end one kernel and let all others go on."""

    def add_signal_handler(self, *args: object, **more: object) -> None:
        """Refuse: nbclient then goes on without, as it does on Windows."""
        raise NotImplementedError

    def remove_signal_handler(self, sig: int) -> bool:
        """Say that there was none."""
        return False


def run_notebooks(
    paths: Sequence[Path],
    parameters: Mapping[str, object],
    *,
    out: Path,
    progress: Progress = silent,
) -> list[Executed]:
    """Run the notebooks two at a time and return them in the order given.

    ``parameters`` are set after the cell tagged ``parameters``; each notebook saves its results
    in a folder of its own name under ``out``.
    """
    with asyncio.Runner(loop_factory=OwnLoop) as runner:
        return runner.run(_run_all(paths, parameters, out, progress))


def inject(notebook: NotebookNode, parameters: Mapping[str, object]) -> NotebookNode:
    """Set the parameters in a new cell after the one tagged ``parameters``."""
    tagged = [i for i, cell in enumerate(notebook.cells) if has_tag(cell, "parameters")]
    if len(tagged) != 1:
        raise ValueError(f"A notebook needs one cell tagged 'parameters'; this has {len(tagged)}.")
    source = "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
    cell = deepcopy(notebook.cells[tagged[0]])
    cell.update(id=INJECTED, source=source, metadata={"tags": [INJECTED]})
    notebook.cells.insert(tagged[0] + 1, cell)
    return notebook


def has_tag(cell: NotebookNode, tag: str) -> bool:
    """Say whether the cell has the tag."""
    return tag in cell.metadata.get("tags", [])


async def _run_all(
    paths: Sequence[Path], parameters: Mapping[str, object], out: Path, progress: Progress
) -> list[Executed]:
    places = asyncio.Semaphore(AT_ONCE)
    n_ready = 0

    async def run(path: Path) -> Executed:
        nonlocal n_ready
        async with places:
            executed = await _run(path, parameters, out / path.stem)
        n_ready += 1
        progress(n_ready, len(paths), f"{n_ready} of {len(paths)} notebooks ready")
        return executed

    with _ended_in_order():
        return await asyncio.gather(*(run(path) for path in paths))


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Let an end from outside cancel the task, so that its kernels and folders go with it."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    told: list[int] = []

    def cancel(number: int, frame: object) -> None:
        if task and not told:
            loop.call_soon_threadsafe(task.cancel)
        told.append(number)

    is_main = threading.current_thread() is threading.main_thread()
    ours = [end for end in ENDS if is_main and signal.getsignal(end) is signal.SIG_DFL]
    try:
        for end in ours:
            signal.signal(end, cancel)
        yield
    except asyncio.CancelledError:
        if told:
            raise SystemExit(128 + told[0]) from None  # as a shell counts it
        raise
    finally:
        for end in ours:
            signal.signal(end, signal.SIG_DFL)


async def _run(path: Path, parameters: Mapping[str, object], out: Path) -> Executed:
    notebook = inject(_read(path), {**parameters, "out": str(out)})
    saved: dict[int, list[Path]] = {}
    async with _client(notebook, _note_files(out, saved)) as (client, surroundings):
        try:
            await client.async_execute(**surroundings)
        except CellExecutionError as error:
            return Executed(path.stem, notebook, saved, failure=error.ename)
        except RuntimeError:  # nbclient's and jupyter_client's word for a kernel that is gone
            return Executed(path.stem, notebook, saved, failure="its Python stopped")
    return Executed(path.stem, notebook, saved)


def _read(path: Path) -> NotebookNode:
    notebook: NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    return notebook


@asynccontextmanager
async def _client(
    notebook: NotebookNode, on_cell_executed: Callable[..., None]
) -> AsyncIterator[tuple[NotebookClient, dict[str, Any]]]:
    with tempfile.TemporaryDirectory(prefix="gradex-") as private:
        manager = AsyncKernelManager(
            kernel_name="python3",
            kernel_spec_manager=OwnKernel(),
            transport="ipc" if os.name == "posix" else "tcp",
            connection_file=str(Path(private, "kernel.json")),
        )
        client = NotebookClient(
            notebook,
            km=manager,
            timeout=None,
            startup_timeout=180,
            allow_error_names=[CANNOT_ANSWER],
            on_cell_executed=on_cell_executed,
        )
        environment = {**os.environ, "IPYTHONDIR": private}
        try:
            yield client, {"cwd": private, "env": environment, "cleanup_kc": True}
        finally:  # where nbclient is cancelled while it starts a kernel, it leaves both behind
            if await manager.is_alive():
                await manager.shutdown_kernel(now=True)
            atexit.unregister(client._cleanup_kernel)


def _note_files(out: Path, saved: dict[int, list[Path]]) -> Callable[..., None]:
    seen: set[Path] = set()

    def note(*, cell: NotebookNode, cell_index: int, execute_reply: dict[str, Any]) -> None:
        new = sorted(set(out.glob("*")) - seen, key=_when_written)
        seen.update(new)
        if new:
            saved[cell_index] = new

    return note


def _when_written(file: Path) -> tuple[int, str]:
    return file.stat().st_mtime_ns, file.name
