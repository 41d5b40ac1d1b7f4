"""`machine.dataclasses` is held against the standard library's: the same classes, made by both."""

import copy
import dataclasses
import inspect
import pickle
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import pytest

from compiler.machine import dataclasses as ours

HOMES = {"ours": (ours.dataclass, ours.field, ours.replace), "standard": tuple(
    getattr(dataclasses, name) for name in ("dataclass", "field", "replace")
)}  # fmt: skip
OPTIONS = [
    {},
    {"frozen": True},
    {"slots": True},
    {"frozen": True, "slots": True},
    {"frozen": True, "slots": True, "kw_only": True},
    {"frozen": True, "kw_only": True, "eq": False},
    {"frozen": True, "slots": True, "kw_only": True, "order": True},
]


def family(home: str, options: Mapping[str, bool]) -> tuple[Any, Any]:
    """A class of every sort of field, and one that inherits from it."""
    dataclass: Callable[..., Any]
    dataclass, field, _ = HOMES[home]

    @dataclass(**options)
    class Base:
        """A class."""

        sort: ClassVar[str] = "base"
        first: int
        second: str = "two"

        def words(self) -> str:
            return f"{self.first} {self.second}"

    @dataclass(**options)
    class Child(Base):
        sort: ClassVar[str] = "child"
        second: str = "other"
        aside: int = field(default=0, compare=False)
        hidden: int = field(default=0, repr=False)
        many: list[int] = field(default_factory=list)

    return Base, Child


@pytest.fixture(params=OPTIONS, ids=lambda options: " ".join(options) or "plain")
def options(request: pytest.FixtureRequest) -> Mapping[str, bool]:
    assert isinstance(request.param, dict)
    return request.param


def facts(home: str, options: Mapping[str, bool]) -> dict[str, object]:
    base, child = family(home, options)
    replace = HOMES[home][2]
    one, same = child(first=1), child(first=1, second="other", aside=5)
    other = replace(one, first=2, many=[3])

    def tried(what: Callable[[], object]) -> object:
        try:
            return what()
        except (TypeError, AttributeError) as error:
            return type(error) if isinstance(error, TypeError) else AttributeError

    return {
        "repr": [repr(each).partition("<locals>.")[2] for each in (base(first=1), one, other)],
        "eq": [one == same, one == other, one != other, base(first=1, second="other") == one, one == 1],
        "hash": [tried(lambda: hash(base(first=1)) == hash(base(first=1)))],
        "set": tried(lambda: setattr(one, "first", 5)),
        "delete": tried(lambda: delattr(other, "first")),
        "order": tried(lambda: (base(first=1) < base(first=2), base(first=2) < base(first=1))),
        "missing": tried(child),
        "unknown": tried(lambda: child(first=1, third=3)),
        "by place": tried(lambda: child(1, "x").second),
        "own default": child(first=1).second,
        "lists are not shared": child(first=1).many is child(first=1).many,
        "match": [base.__match_args__, child.__match_args__],
        "slots": [getattr(each, "__slots__", None) for each in (base, child)],
        "has a dict": hasattr(one, "__dict__"),
        "class": [child.sort, child.__doc__ if base is child else base.__doc__, base.__name__, child.__qualname__[-5:]],
        "words": child(first=7).words(),
        "fields": [
            (each.name, each.compare, each.repr, each.kw_only, each.default is dataclasses.MISSING)
            for each in dataclasses.fields(child)
        ],
        "asdict": dataclasses.asdict(child(first=1)),
        "their replace": dataclasses.replace(child(first=1), second="three").second,
        "parameters": [*inspect.signature(type(one).__init__).parameters],
        "copy": copy.copy(base(first=4)).first,
    }


def test_a_class_behaves_as_the_standard_librarys(options: Mapping[str, bool]) -> None:
    made = facts("ours", options)
    for name, standard in facts("standard", options).items():
        assert made[name] == standard, name


def test_methods_that_a_class_has_stay() -> None:
    for dataclass, *_ in HOMES.values():

        @dataclass(frozen=True, slots=True)
        class Name:  # noqa: PLW1641 - the decorator adds it
            text: str

            def __eq__(self, other: object) -> bool:
                return isinstance(other, Name) and self.text.lower() == other.text.lower()

            def __repr__(self) -> str:
                return f"<{self.text}>"

        @dataclass(frozen=True)
        class Counted:
            text: str

            def __hash__(self) -> int:
                return 7

        assert (Name("a") == Name("A"), repr(Name("a")), hash(Counted("x"))) == (True, "<a>", 7)
        assert hash(Name("a")) == hash(Name("a"))


def test_a_class_between_that_is_none_inherits_all() -> None:
    for dataclass, *_ in HOMES.values():

        @dataclass(frozen=True, slots=True, kw_only=True)
        class Base:
            first: int

        class Between(Base):
            @property
            def second(self) -> int:
                return self.first + 1

        assert (Between(first=1).second, Base(first=3).first, Between(first=2).first) == (2, 3, 2)


@ours.dataclass(frozen=True, slots=True, kw_only=True)
class Travelling:
    places: tuple[str, ...]
    number: int = 0


def test_objects_go_to_other_processes_and_back() -> None:
    value = Travelling(places=("a", "b"), number=3)
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(value, protocol)) == value
    assert copy.deepcopy(value) == value


def test_making_classes_compiles_nothing() -> None:
    """Only the first object of a class does; `exec` is what takes the time in the standard library."""
    script = (
        "import builtins\n"
        "from compiler.machine.dataclasses import dataclass\n"
        "calls = []\n"
        "run = builtins.exec\n"
        "builtins.exec = lambda *given: (calls.append(1), run(*given))\n"
        "@dataclass(frozen=True, slots=True)\n"
        "class Point:\n    x: int\n    y: int = 0\n"
        "before = len(calls)\n"
        "Point(1), Point(2)\n"
        "import sys\n"
        "print(before, len(calls), 'dataclasses' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0", "1", "False"]
