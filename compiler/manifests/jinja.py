"""Jinja templates of a repo, rendered by Jinja2 in its sandbox and in a separate process.

In: texts and values. Out: what they render to, or why they do not. The sandbox keeps a template from everything but its
values; it does not bound what a template costs, so that a process with limits renders them: of time for each template
and for all of them, of memory, and of what is written. A process that exceeds one is ended. One process renders all
templates of a run, since each cluster may have other values for them; `end` ends it.

A name without a value stays in the text; a template that decides by one is not rendered, since it could be either.
"""

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO, NamedTuple, cast

from compiler.machine.limits import most

SECONDS_EACH = 2
SECONDS_ALL = 4
"""Of processor time, for each template and for all of a run."""
MEMORY = 1 << 30
LONGEST = 4 << 20

TOO_SLOW = "rendering takes too long"


class Made(NamedTuple):
    """A rendered text, None where there is none for the reason given."""

    text: str | None
    problem: str = ""


def render(texts: Sequence[str], values: Mapping[str, Any]) -> list[Made]:
    """What the templates render to, one by one."""
    global _renderer  # noqa: PLW0603 - one process makes one run
    if _renderer is None or _renderer.owner != os.getpid():
        _renderer = _Renderer()
    return _renderer.render(texts, values)


def end() -> None:
    """End the process that renders, if there is one; the next template starts another, with all the time again."""
    global _renderer  # noqa: PLW0603 - one process makes one run
    if _renderer is not None and _renderer.owner == os.getpid():
        _renderer.end()
    _renderer = None


class _Renderer:
    """A process that renders templates for this one, started when there is something to render."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self._process: subprocess.Popen[bytes] | None = None
        self._read = b""
        self._left = float(most(SECONDS_ALL))

    def render(self, texts: Sequence[str], values: Mapping[str, Any]) -> list[Made]:
        """What the templates render to; those for which no time is left are too slow."""
        made: list[Made] = []
        if self._left > 0:
            process = self._process = self._process or _started()
            begun = time.monotonic()
            with contextlib.suppress(OSError, ValueError):  # it has died, or writes what is no answer
                pipe = cast("BinaryIO", process.stdin)
                pipe.write(json.dumps({"texts": list(texts), "values": dict(values)}).encode() + b"\n")
                pipe.flush()
                while len(made) < len(texts) and self._left > 0 and (line := self._line(process)):
                    text, problem, seconds = json.loads(line)
                    made.append(Made(text, problem))
                    self._left -= seconds
                    begun = time.monotonic()
            if len(made) < len(texts):
                self._left -= time.monotonic() - begun
                self.end()
        return made + [Made(None, TOO_SLOW)] * (len(texts) - len(made))

    def _line(self, process: "subprocess.Popen[bytes]") -> bytes:
        """The next line that the process writes; empty where it takes too long or has died."""
        stream = cast("BinaryIO", process.stdout)
        until = time.monotonic() + SECONDS_EACH + _GRACE
        while b"\n" not in self._read:
            ready, _, _ = select.select([stream], [], [], max(0, until - time.monotonic()))
            part = os.read(stream.fileno(), 1 << 20) if ready else b""
            if not part:
                return b""
            self._read += part
        line, _, self._read = self._read.partition(b"\n")
        return line

    def end(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            for stream in (self._process.stdin, self._process.stdout):
                with contextlib.suppress(OSError):
                    cast("BinaryIO", stream).close()
            self._process.wait()
            self._process = None
            self._read = b""


_renderer: _Renderer | None = None
_GRACE = 2
"""Seconds that a process may need beside the templates, to start above all."""


def _started() -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-I", "-c", _START, *filter(os.path.isabs, sys.path)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


_START = "import sys; sys.path[:] = sys.argv[1:]; from compiler.manifests.jinja import serve; serve()"


def serve() -> None:
    """Render what standard input asks for, a line of JSON for each template: text, flaw and seconds."""
    _limit()
    with open(0, "rb", closefd=False) as orders, open(1, "wb", closefd=False) as pipe:
        for line in orders:
            order = json.loads(line)
            for text in order["texts"]:
                begun = time.process_time()
                made, problem = _rendered(text, order["values"])
                answer = (made, problem, time.process_time() - begun)
                pipe.write(json.dumps(answer).encode() + b"\n")
                pipe.flush()


def _limit() -> None:
    """Limit the memory of this process where the system can."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


class _TooLongError(Exception):
    """A template takes too long or writes too much."""


def _rendered(text: str, values: Mapping[str, Any]) -> tuple[str | None, str]:
    import signal

    from jinja2 import TemplateError

    def stop(*_: object) -> None:
        raise _TooLongError

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, SECONDS_EACH)
    try:
        template = _environment().from_string(text)
        parts: list[str] = []
        length = 0
        for part in template.generate(values):
            length += len(part)
            if length > LONGEST:
                return None, "the rendered text is too long"
            parts.append(part)
        return "".join(parts), ""
    except TemplateError as error:
        return None, str(error.message or error)[:200]
    except _TooLongError:
        return None, TOO_SLOW
    except MemoryError:
        return None, "rendering takes too much memory"
    except Exception as error:  # noqa: BLE001 - a template may raise whatever its expressions raise
        return None, f"{type(error).__name__}: {error}"[:200]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _environment() -> Any:
    """Jinja as Ansible sets it up, in the sandbox, with the filters that templates of manifests use most."""
    from base64 import b64decode, b64encode

    from jinja2 import FunctionLoader, TemplateError, Undefined
    from jinja2.exceptions import SecurityError, UndefinedError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Unknown(Undefined):
        """A name without a value: written as its name, and neither true nor false."""

        def __str__(self) -> str:
            return f"{{{{ {self._undefined_name} }}}}"

        def __getattr__(self, name: str) -> "Unknown":
            if name[:2] == "__":
                raise AttributeError(name)
            return Unknown(name=f"{self._undefined_name}.{name}")

        def __getitem__(self, key: object) -> "Unknown":  # type: ignore[override]  # jinja2 has no value to return
            return Unknown(name=f"{self._undefined_name}[{key!r}]")

        def _undecided(self, *_: object, **__: object) -> bool:
            message = f"`{self._undefined_name}` has no value"
            raise UndefinedError(message)

        __iter__ = __len__ = __bool__ = __eq__ = __ne__ = _undecided  # type: ignore[assignment]  # each raises
        __hash__ = None  # type: ignore[assignment]  # Python's way to say "not hashable"

    class Environment(ImmutableSandboxedEnvironment):
        """Powers and products of large numbers take any time, and no manifest needs them."""

        intercepted_binops = frozenset(("**", "*", "%"))

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            if operator == "**" or (operator == "*" and not isinstance(left, int | float)):
                message = f"`{operator}` is not available"
                raise SecurityError(message)
            return super().call_binop(context, operator, left, right)

    def not_read(name: str) -> None:
        message = f"`{name}` is not read: a template cannot include others here"
        raise TemplateError(message)

    environment = Environment(
        loader=FunctionLoader(not_read),
        undefined=Unknown,
        trim_blocks=True,
        lstrip_blocks=False,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters.update(
        to_json=json.dumps,
        to_nice_json=lambda value, **_: json.dumps(value, indent=4),
        to_yaml=_to_yaml,
        to_nice_yaml=_to_yaml,
        b64encode=lambda text: b64encode(str(text).encode()).decode(),
        b64decode=lambda text: b64decode(str(text)).decode(),
        bool=lambda value: str(value).lower() in {"true", "yes", "on", "1"},
        ternary=lambda value, yes, no=None: yes if value else no,
        regex_replace=_replace,
    )
    environment.filters["from_json"] = json.loads
    return environment


def _to_yaml(value: Any, indent: int = 2, **_: object) -> str:
    """A value as YAML: a block list of scalars, else JSON, which is YAML too."""
    if isinstance(value, list) and value:
        return "".join(f"- {json.dumps(item)}\n" for item in value)
    return json.dumps(value, indent=indent if isinstance(value, dict) else None) + "\n"


def _replace(text: str, pattern: str, new: str) -> str:
    """The filter `regex_replace` for patterns without special characters: others may take any time."""
    import re

    if re.escape(pattern) != pattern and not re.fullmatch(r"\^?[\w./:@-]*\$?", pattern):
        message = "regex_replace is available for plain texts only"
        raise ValueError(message)
    return re.sub(pattern, new.replace("\\", ""), str(text))
