"""The templates of an ApplicationSet, as far as their parameters are in the repo.

In: a text and parameters. Out: the text with the parameters in it, or `UnclearError` where only a running Argo CD
knows. Follows argoproj/argo-cd 2.14 (applicationset/utils `Render.Replace`): without `goTemplate` a placeholder is the
flattened name of a parameter, with it a Go template, of which values, `index` and the common functions are known here.
"""

import re
from collections.abc import Callable, Iterator
from collections.abc import Mapping as Readable

from compiler.clusters.objects import Plain, Table

_PLACEHOLDER = re.compile(r"\{\{(-?)((?:[^{}]|\{(?!\{)|\}(?!\}))*)(-?)\}\}")
_TOKEN = re.compile(r"""\s*(?:("(?:[^"\\]|\\.)*")|(`[^`]*`)|(\d+)|(\.[\w.]*)|([A-Za-z]\w*)|([|()]))""")
_MOST_FLAT = 10_000
_LONGEST_NUMBER = 9
_DEEPEST = 50
_LONGEST = 100_000
"""Characters of a text with its parameters."""
_LONGEST_EXPRESSION = 20_000
_MOST_WORK = 250_000
"""What all ApplicationSets of a repo may cost together, in parameters; an Application costs about 20 of them."""
CHARACTERS = 50
"""Of a text, which cost about as much as one parameter."""
_SHOWN = 80


class UnclearError(Exception):
    """A text cannot be known from the repo; the message says why."""


class Work:
    """Counts what the ApplicationSets of a repo cost, of which a few lines can ask for any amount."""

    def __init__(self, most: int = _MOST_WORK) -> None:
        self._left = most

    def add(self, count: int) -> None:
        """Count some work.

        Raises:
            UnclearError: It is too much.
        """
        self._left -= count
        if self._left < 0:
            raise UnclearError("the ApplicationSets of this repo generate too much")


def flattened(parameters: Plain) -> dict[str, str]:
    """Parameters by their path with dots, as many as there are in all that is looked at."""
    flat: dict[str, str] = {}
    waiting: list[tuple[str, Plain]] = [("", parameters)]
    left = _MOST_FLAT * CHARACTERS
    while waiting and left > 0:
        name, value = waiting.pop()
        left -= CHARACTERS + len(name)
        if isinstance(value, dict):
            waiting += ((f"{name}.{key}" if name else key, each) for key, each in value.items())
        elif isinstance(value, list):
            waiting += ((f"{name}.{index}" if name else str(index), each) for index, each in enumerate(value))
        else:
            flat[name] = value or ""
    return flat


def render(text: str, parameters: Table, *, go: bool, work: Work) -> str:
    """The text with its parameters.

    Raises:
        UnclearError: A parameter or a function is not known here, or the template costs too much.
    """
    if "{{" not in text:
        return text
    flat = {} if go else flattened(parameters)
    work.add(len(text) // CHARACTERS + len(flat))

    def value(match: "re.Match[str]") -> str:
        inner = match[2].strip()
        if go:
            return _evaluated(inner, parameters)
        if inner not in flat:
            raise UnclearError(f"the parameter `{inner[:_SHOWN]}` is not in the repo")
        return flat[inner]

    parts: list[str] = []
    length = 0
    for part in _replaced(text, value, go=go):
        parts.append(part)
        length += len(part)
        if length > _LONGEST:
            raise UnclearError("the template becomes too long")
    work.add(length // CHARACTERS)
    return "".join(parts)


def _replaced(text: str, value: "Callable[[re.Match[str]], str]", *, go: bool) -> Iterator[str]:
    done = 0
    trim = False
    for match in _PLACEHOLDER.finditer(text):
        before = text[done : match.start()]
        before = before.lstrip() if trim else before
        yield before.rstrip() if go and match[1] else before
        yield value(match)
        done, trim = match.end(), bool(go and match[3])
    yield text[done:].lstrip() if trim else text[done:]


def _evaluated(expression: str, parameters: Table) -> str:
    tokens = _tokens(expression)
    value = _pipeline(tokens, parameters)
    if tokens:
        raise UnclearError(f"the template `{expression[:_SHOWN]}` is not a value")
    if not isinstance(value, str):
        raise UnclearError(f"`{expression[:_SHOWN]}` is not a text in the repo")
    return value


def _tokens(expression: str) -> list[str]:
    if len(expression) > _LONGEST_EXPRESSION:
        raise UnclearError(f"the template `{expression[:_SHOWN]}` is too long")
    tokens = []
    place, end = 0, len(expression.rstrip())
    while place < end:
        match = _TOKEN.match(expression, place)
        if match is None:
            raise UnclearError(f"the template `{expression[:_SHOWN]}` is not a value")
        tokens.append(match[0].strip())
        place = match.end()
    return tokens[::-1]  # the next one is at the end


_Value = Plain


def _pipeline(tokens: list[str], parameters: Table, depth: int = 0) -> _Value:
    if depth > _DEEPEST:
        raise UnclearError("the template is nested too deep")
    value = _command(tokens, parameters, None, depth)
    while tokens and tokens[-1] == "|":
        tokens.pop()
        value = _command(tokens, parameters, value, depth)
    return value


def _command(tokens: list[str], parameters: Table, piped: _Value, depth: int) -> _Value:
    name = tokens.pop() if tokens and tokens[-1][0].isalpha() else ""
    arguments: list[_Value] = []
    while tokens and tokens[-1] not in {"|", ")"}:
        token = tokens.pop()
        if token == "(":
            arguments.append(_pipeline(tokens, parameters, depth + 1))
            if not tokens or tokens.pop() != ")":
                raise UnclearError("a parenthesis is not closed")
        elif token[0] in '"`':
            arguments.append(re.sub(r"\\(.)", r"\1", token[1:-1]) if token[0] == '"' else token[1:-1])
        elif token[0].isdigit():
            arguments.append(token)
        elif token[0] == ".":
            arguments.append(_field(token, parameters))
        else:
            raise UnclearError(f"the function `{token}` is not known here")
    if piped is not None:
        arguments.append(piped)
    if not name:
        if len(arguments) != 1:
            raise UnclearError("the template is not a value")
        return arguments[0]
    return _called(name, arguments)


def _field(path: str, parameters: Table) -> _Value:
    value: Plain = parameters
    for key in filter(None, path.split(".")):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def normalized(text: str) -> str:
    """A text as Argo CD makes it part of a name: lower case, with `-` for what a name cannot contain."""
    return re.sub(r"[^-a-z0-9.]", "-", text.lower())[:253].strip("-.")


_OF_ONE: Readable[str, Callable[[str], str]] = {
    "lower": str.lower,
    "upper": str.upper,
    "trim": str.strip,
    "normalize": normalized,
    "toString": str,
    "quote": lambda text: f'"{text}"',
    "squote": lambda text: f"'{text}'",
}
_OF_TWO: Readable[str, Callable[[str, str], str]] = {
    "trimSuffix": lambda end, text: text.removesuffix(end),
    "trimPrefix": lambda start, text: text.removeprefix(start),
    "trimAll": lambda characters, text: text.strip(characters),
}


def _called(name: str, arguments: list[_Value]) -> _Value:
    texts = [each for each in arguments if isinstance(each, str)]
    if name in _OF_ONE and len(texts) == len(arguments) == 1:
        return _OF_ONE[name](texts[0])
    if name in _OF_TWO and len(texts) == len(arguments) == 2:
        return _OF_TWO[name](texts[0], texts[1])
    if name == "replace" and len(texts) == len(arguments) == 3:
        _bound(texts[2].count(texts[0]) * len(texts[1]) + len(texts[2]))
        return texts[2].replace(texts[0], texts[1])
    if name == "default" and len(arguments) == 2:
        return arguments[1] or arguments[0]
    if name == "index" and arguments:
        return _indexed(arguments[0], arguments[1:])
    if name == "splitList" and len(texts) == len(arguments) == 2 and texts[0]:
        return list(texts[1].split(texts[0]))
    if name in {"first", "last"} and len(arguments) == 1 and isinstance(arguments[0], list) and arguments[0]:
        return arguments[0][0 if name == "first" else -1]
    if name == "print" and len(texts) == len(arguments):
        _bound(sum(map(len, texts)))
        return "".join(texts)
    if name == "printf" and len(texts) == len(arguments) and texts:
        return _printed(texts[0], texts[1:])
    raise UnclearError(f"the function `{name}` is not known here, or its arguments are not in the repo")


def _bound(length: int) -> None:
    if length > _LONGEST:
        raise UnclearError("the template becomes too long")


def _indexed(value: _Value, keys: list[_Value]) -> _Value:
    for key in keys:
        if isinstance(value, dict) and isinstance(key, str):
            value = value.get(key)
        elif (
            isinstance(value, list)
            and isinstance(key, str)
            and key.isdecimal()
            and len(key) < 9
            and int(key) < len(value)
        ):
            value = value[int(key)]
        else:
            return None
    return value


def _printed(form: str, values: list[str]) -> str:
    if re.sub(r"%[sv]", "", form).count("%") or len(re.findall(r"%[sv]", form)) != len(values):
        raise UnclearError("the form of `printf` is not known here")
    _bound(len(form) + sum(map(len, values)))
    given = iter(values)
    return re.sub(r"%[sv]", lambda _: next(given), form)
