"""The part of the standard library's `dataclasses` that mirrorc uses, at a tenth of the cost when a class is made.

In: a class with annotated fields. Out: the class with the methods that `dataclasses.dataclass` gives it. There, each
class compiles the source of six methods, half a millisecond: a hook that imports a hundred of them waited longer for
this than for its work. Here classes share their methods, and `__init__` is compiled for the first object of a class.

For type checkers, and for whatever asks for its fields (`dataclasses.fields`, `asdict`), a class is a dataclass.
"""

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

if TYPE_CHECKING:
    from dataclasses import dataclass, field, replace

__all__ = ["dataclass", "field", "replace"]

_Class = TypeVar("_Class", bound=type)
_Object = TypeVar("_Object")

_MISSING: Any = object()
_OWN = "_dataclass_members"
_assign = object.__setattr__


class _Member:
    """A field: what it is if nothing is given, and what it is used for."""

    __slots__ = ("compare", "default", "default_factory", "kw_only", "repr", "type")

    def __init__(
        self,
        *,
        default: object = _MISSING,
        default_factory: Callable[[], object] = _MISSING,
        compare: bool = True,
        repr: bool = True,  # noqa: A002 - as `dataclasses` has it
    ) -> None:
        self.default = default
        self.default_factory = default_factory
        self.compare = compare
        self.repr = repr
        self.kw_only = False
        self.type: object = None


def _dataclass(
    class_: _Class | None = None,
    /,
    *,
    frozen: bool = False,
    slots: bool = False,
    kw_only: bool = False,
    eq: bool = True,
    order: bool = False,
) -> _Class | Callable[[_Class], _Class]:
    """See `dataclasses.dataclass`; what it has beside these options is not used here."""

    def made(class_: _Class) -> _Class:
        return _made(class_, frozen=frozen, slots=slots, kw_only=kw_only, eq=eq, order=order)

    return made if class_ is None else made(class_)


def _replace(value: _Object, /, **changes: object) -> _Object:
    """See `dataclasses.replace`."""
    for name in getattr(value, _OWN):
        if name not in changes:
            changes[name] = getattr(value, name)
    return value.__class__(**changes)


def _made(class_: _Class, *, frozen: bool, slots: bool, kw_only: bool, eq: bool, order: bool) -> _Class:
    members: dict[str, _Member] = {}
    for base in reversed(class_.__mro__[1:]):
        members |= base.__dict__.get(_OWN, {})
    inherited = frozenset(members)
    namespace = dict(class_.__dict__)
    for name, annotation in class_.__annotations__.items():
        if getattr(annotation, "__origin__", None) is ClassVar:
            continue
        default = namespace.pop(name, _MISSING)
        member = default if isinstance(default, _Member) else _Member(default=default)
        member.type, member.kw_only = annotation, kw_only
        members[name] = member
        if not slots and member.default is not _MISSING:
            namespace[name] = member.default
    namespace |= {_OWN: members, "__dataclass_fields__": _Fields()}
    namespace.setdefault("__match_args__", tuple([name for name, each in members.items() if not each.kw_only]))
    namespace.setdefault("__repr__", _repr)
    namespace.setdefault("__init__", _lazy_init(members, frozen=frozen))
    if frozen:
        namespace |= {"__setattr__": _refuse_assignment, "__delattr__": _refuse_deletion}
    if eq:
        namespace = _compared(members, frozen=frozen, order=order) | namespace
        if frozen and namespace["__hash__"] is None:  # Python sets it where a class has an `__eq__` of its own
            namespace["__hash__"] = _hash_of(members)
    if slots:
        namespace["__slots__"] = tuple([name for name in members if name not in inherited])
        namespace |= {"__getstate__": _state, "__setstate__": _restore} if frozen else {}
    namespace.pop("__dict__", None)
    namespace.pop("__weakref__", None)
    new = type(class_)(class_.__name__, class_.__bases__, namespace)
    new.__qualname__ = class_.__qualname__
    return new


def _lazy_init(members: Mapping[str, _Member], *, frozen: bool) -> Callable[..., None]:
    """An `__init__` that compiles the real one, and gives it to the class in its place."""

    def __init__(self: object, *args: object, **given: object) -> None:  # noqa: N807 - this is its name in the class
        init = _init(members, frozen=frozen)
        (home,) = (each for each in type(self).__mro__ if each.__dict__.get("__init__") is __init__)
        home.__init__ = init  # type: ignore[misc]  # every class has one
        init(self, *args, **given)

    return __init__


def _init(members: Mapping[str, _Member], *, frozen: bool) -> Callable[..., None]:
    known: dict[str, object] = {"_assign": _assign, "_MISSING": _MISSING}
    parameters: dict[bool, list[str]] = {False: ["self"], True: []}
    lines = []
    for name, member in members.items():
        parameter, value = name, name
        if member.default is not _MISSING:
            parameter, known[f"_{name}_"] = f"{name}=_{name}_", member.default
        elif member.default_factory is not _MISSING:
            parameter, known[f"_{name}_"] = f"{name}=_MISSING", member.default_factory
            value = f"_{name}_() if {name} is _MISSING else {name}"
        parameters[member.kw_only].append(parameter)
        lines.append(f"_assign(self, {name!r}, {value})" if frozen else f"self.{name} = {value}")
    named = ["*", *parameters[True]] if parameters[True] else []
    source = f"def __init__({', '.join(parameters[False] + named)}):\n " + "\n ".join(lines or ["pass"])
    exec(source, known)  # the names are those of the class
    return cast(Callable[..., None], known["__init__"])


def _compared(members: Mapping[str, _Member], *, frozen: bool, order: bool) -> dict[str, object]:
    """The methods that compare two objects of a class by their fields."""
    key = _key(members)

    def __eq__(self: object, other: object) -> bool:  # noqa: N807 - this is its name in the class
        return key(self) == key(other) if other.__class__ is self.__class__ else NotImplemented

    def __lt__(self: object, other: object) -> bool:  # noqa: N807 - this is its name in the class
        return key(self) < key(other) if other.__class__ is self.__class__ else NotImplemented

    methods: dict[str, object] = {"__eq__": __eq__, "__hash__": _hash_of(members) if frozen else None}
    return methods | {"__lt__": __lt__} if order else methods


def _hash_of(members: Mapping[str, _Member]) -> Callable[[object], int]:
    key = _key(members)
    return lambda self: hash(key(self))


def _key(members: Mapping[str, _Member]) -> Callable[[object], Any]:
    names = [name for name, member in members.items() if member.compare]
    return attrgetter(*names) if names else lambda _: ()


def _repr(self: object) -> str:
    shown = [f"{name}={getattr(self, name)!r}" for name, member in getattr(self, _OWN).items() if member.repr]
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _refuse_assignment(self: object, name: str, _: object) -> None:
    message = f"cannot assign to field {name!r}"
    raise AttributeError(message)


def _refuse_deletion(self: object, name: str) -> None:
    message = f"cannot delete field {name!r}"
    raise AttributeError(message)


def _state(self: object) -> list[object]:
    """What `pickle` and `copy` take of a frozen object with slots."""
    return [getattr(self, name) for name in getattr(self, _OWN)]


def _restore(self: object, state: list[object]) -> None:
    for name, value in zip(getattr(self, _OWN), state, strict=True):
        _assign(self, name, value)


class _Fields:
    """The fields as the standard library has them, for other programs; nothing in the house asks for them."""

    __slots__ = ()

    def __get__(self, _: object, class_: type) -> Mapping[str, object]:
        import dataclasses

        def field_of(member: _Member) -> Any:
            options: dict[str, Any] = {"compare": member.compare, "repr": member.repr, "kw_only": member.kw_only}
            for option in ("default", "default_factory"):
                if getattr(member, option) is not _MISSING:
                    options[option] = getattr(member, option)
            return dataclasses.field(**options)

        members: Mapping[str, _Member] = getattr(class_, _OWN)
        fields = [(name, cast(type, member.type), field_of(member)) for name, member in members.items()]
        made = dataclasses.make_dataclass(class_.__name__, fields)
        return cast(Mapping[str, object], vars(made)["__dataclass_fields__"])


if not TYPE_CHECKING:
    dataclass, field, replace = _dataclass, _Member, _replace
