"""What the programs of a run may take together: `kubectl`, `helm` and the like, of which each start costs something.

In: what they are going to take, and ways to ask how large the input is. Out: a refusal, or how much is left. Everything
that one command starts counts, for whichever cluster and whichever side of a comparison.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from compiler.machine.bounded import used_by_children
from compiler.machine.limits import UNLIMITED, TooMuchError, most, number_of_run

if TYPE_CHECKING:
    from mmap import mmap

START = 40_000
"""Microseconds of processor time to start a program and to prepare it, measured with kubectl 1.37 and helm 3.17.

The program takes three quarters of it before it looks at its arguments.
"""

_MOST_STEPS = 4_000_000
_STEPS_OF_A_BUILT_CHARACTER = 1.0
"""Microseconds for programs, and how many more for each character of the kustomizations that are built."""
_BYTES_OF_A_START = 10_000
"""Or one start for so many bytes of all text of the repo: what clusters do not share is some kilobytes of each."""
_GRACE = 2
"""Times the processor time that was counted: machines differ."""

_KUSTOMIZATIONS, _CHARTS = 0, 8
"""Where in the shared memory the seconds are that were used."""


class Programs:
    """The programs of one run."""

    def __init__(self) -> None:
        self._kustomizations = 0
        self._charts = 0
        self._steps = 0.0
        self._characters = 0
        self._whole = 0
        self._inputs: list[Callable[[], int]] = []
        self._shared: mmap | None = None

    def reads(self, size: Callable[[], int]) -> None:
        """Note an input of the run; its size in bytes is asked for where it matters, and at most once."""
        self._inputs.append(size)

    def builds(self, characters: int) -> None:
        """Note what is read of kustomizations that are built."""
        self._characters += characters

    def announce(self, kustomizations: int, charts: int) -> None:
        """See that so many more are not too many already, before anything is read of them.

        Raises:
            TooMuchError: They are.
        """
        kustomizations += self._kustomizations
        charts += self._charts
        expected = (kustomizations + charts) * START
        limit = self._limit(expected)
        if expected > max(limit, most(_MOST_STEPS, _STEPS_OF_A_BUILT_CHARACTER, self._whole)):
            raise self._error(f"take at least {_seconds(expected)} s to build", limit, kustomizations, charts)

    def expect(self, kustomizations: Sequence[float] = (), *, charts: int = 0) -> None:
        """Count what is going to be started, before it is.

        Args:
            kustomizations: The microseconds that each takes to build, with the start of the program.
            charts: How many charts are rendered, of which only the start is known.

        Raises:
            TooMuchError: It is too much, with what was counted before.
        """
        self._kustomizations += len(kustomizations)
        self._charts += charts
        self._steps += sum(kustomizations)
        self._used_seconds()  # in memory that is shared with the processes that are forked later
        expected = self._steps + self._charts * START
        limit = self._limit(expected)
        # What a single one may take is for others to judge.
        if expected > limit and self._kustomizations + self._charts > 1:
            raise self._error(f"take about {_seconds(expected)} s to build", limit, self._kustomizations, self._charts)

    def seconds_for_a_kustomization(self) -> int:
        """The processor time that the next program may use; UNLIMITED where there is no limit.

        Raises:
            TooMuchError: Those before it have used everything.
        """
        used = self._used_seconds()[_KUSTOMIZATIONS // 8]
        limit = self._limit(used * 1_000_000 / _GRACE)
        return self._left(limit * _GRACE, used, limit)

    def seconds_for_a_chart(self) -> int:
        """The same for a chart: what it is rendered to is not counted before."""
        used = self._used_seconds()[_CHARTS // 8]
        limit = self._limit(self._steps + used * 1_000_000)
        return self._left(max(limit - self._steps, self._charts * START * _GRACE), used, limit)

    def _left(self, steps: float, used: float, limit: int) -> int:
        if limit >= UNLIMITED:
            return UNLIMITED
        if steps / 1_000_000 <= used:
            raise self._error(f"have taken {used:.1f} s", limit, self._kustomizations, self._charts)
        return max(1, int(steps / 1_000_000 - used))

    def used(self, before: float, *, for_chart: bool) -> None:
        """Count what a program has used, given what all that ended before it had."""
        self._used_seconds()
        if self._shared is None:
            raise AssertionError("made with the first look")
        from struct import pack_into, unpack_from

        place = _CHARTS if for_chart else _KUSTOMIZATIONS
        (known,) = unpack_from("d", self._shared, place)
        pack_into("d", self._shared, place, known + max(used_by_children() - before, 0))

    def _used_seconds(self) -> tuple[float, float]:
        """Seconds of processor time that kustomizations and charts took, in all processes of the run."""
        from mmap import mmap
        from struct import unpack_from

        if self._shared is None:
            self._shared = mmap(-1, 16)
        kustomizations, charts = unpack_from("dd", self._shared)
        return kustomizations, charts

    def _limit(self, wanted: float) -> int:
        """How many microseconds there are; the sizes of inputs are asked for until it is as many as are wanted."""
        while True:
            limit = max(
                most(_MOST_STEPS, _STEPS_OF_A_BUILT_CHARACTER, self._characters),
                most(0, START / _BYTES_OF_A_START, self._whole),
            )
            if wanted <= limit or not self._inputs:
                return limit
            self._whole += self._inputs.pop()()

    def _error(self, taken: str, limit: int, kustomizations: int, charts: int) -> TooMuchError:
        counted = []
        if kustomizations:
            counted.append(f"{kustomizations} kustomization{'s' * (kustomizations > 1)}")
        if charts:
            counted.append(f"{charts} chart{'s' * (charts > 1)}")
        return TooMuchError(
            f"{' and '.join(counted)} {taken}, more than the {_seconds(limit)} s that are spent on "
            f"{self._whole / 1e6:.1f} MB of text: some {_MOST_STEPS // START} starts of a program, or one for each "
            f"{_BYTES_OF_A_START // 1000} KB",
            "Choose some clusters with --cluster",
        )


def _seconds(steps: float) -> str:
    return f"{steps / 1e6:.1f}"


_known: dict[int, Programs] = {}


def programs() -> Programs:
    """Those of this run."""
    run = number_of_run()
    if run not in _known:
        _known.clear()
        _known[run] = Programs()
    return _known[run]
