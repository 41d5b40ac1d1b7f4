"""Values to bytes, through the templates. Jinja2 lives here and nowhere else.

In: the registries model, a policy, a MachineConfig. Out: the bytes of the file. Escaping is done here, once for each
format: TOML basic strings as BurntSushi/toml writes them, JSON strings as Go's encoding/json does, YAML scalars.
"""

import re
from collections.abc import Iterable
from functools import cache
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, cast

from compiler.machine.memo import FORGETFUL, Forgetful
from compiler.names.releases import Release
from compiler.node.model import RegistriesConf, RegistryEntry
from compiler.policy.ignition import EncodedFile, MachineConfig, PolicyJson

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jinja2 import Environment, Template
    from jinja2.runtime import Macro

    from compiler.node.requirements import Members, Requirement


def registries_conf(conf: RegistriesConf, release: Release, memo: Forgetful = FORGETFUL) -> bytes:
    """A whole registries.conf or search drop-in, with the global keys the release writes.

    What the same entries were rendered to before is taken from the memo.
    """
    return _registries(conf, release, memo)


def registries_drop_in(conf: RegistriesConf, memo: Forgetful = FORGETFUL) -> bytes:
    """The entries alone, for a file beside the system's own registries.conf."""
    return _registries(conf, None, memo)


def _registries(conf: RegistriesConf, release: Release | None, memo: Forgetful) -> bytes:
    entries = "\n".join(memo.each(_registry, conf.entries))
    return _template("registries.conf.j2").render(entries=entries, search=conf.search, release=release).encode()


def _registry(entry: RegistryEntry) -> str:
    return str(_registry_macro()(entry))


@cache
def _registry_macro() -> "Macro":
    return cast("Macro", _template("registry.j2").module.registry)  # type: ignore[attr-defined]  # named there


def policy_json(policy: PolicyJson, *, indent: int, memo: Forgetful = FORGETFUL) -> bytes:
    """A policy.json, indented by so many spaces or, with none, on one line.

    What an equal policy was rendered to before is taken from the memo.
    """
    return memo.alike(_policy_json, (policy, indent))


def _policy_json(wanted: tuple[PolicyJson, int]) -> bytes:
    policy, indent = wanted

    def line(depth: int) -> str:
        return "\n" + " " * (indent * depth) if indent else ""

    known: dict[tuple[Members, ...], str] = {}

    def once(requirements: "Macro", listed: "Sequence[Requirement]") -> str:
        """The requirements of a scope, which are mostly those of others too."""
        key = tuple([each.members for each in listed])
        if key not in known:
            known[key] = str(requirements(listed, 3))
        return known[key]

    text = _template("policy.json.j2").render(policy=policy, line=line, colon=": " if indent else ":", once=once)
    return text.rstrip("\n").encode()


def base_policy_json() -> bytes:
    """The policy.json that the controller starts from."""
    return _template("policy-base.json.j2").render().rstrip("\n").encode()


def sigstore_registries(locations: tuple[str, ...], memo: Forgetful = FORGETFUL) -> bytes:
    """A file of registries.d that has signatures looked for at these places."""
    return memo.alike(_sigstore_registries, locations)


def _sigstore_registries(locations: tuple[str, ...]) -> bytes:
    return _template("sigstore-registries.yaml.j2").render(locations=locations).encode()


def machine_config(config: MachineConfig, comments: tuple[str, ...] = (), memo: Forgetful = FORGETFUL) -> bytes:
    """A MachineConfig manifest under a few lines of comment; its files come after it."""
    return memo.alike(_machine_config, (config, comments))


def _machine_config(wanted: tuple[MachineConfig, tuple[str, ...]]) -> bytes:
    config, comments = wanted
    return (
        _template("machine-config.yaml.j2")
        .render(comments=comments, name=config.name, pool=config.pool, ignition=config.ignition)
        .encode()
    )


def machine_config_files(files: Iterable[EncodedFile]) -> bytes:
    """The end of a MachineConfig manifest: its files, the same in that of every pool."""
    return _template("machine-config-files.yaml.j2").render(files=[*files]).encode()


@cache
def _template(name: str) -> "Template":
    return _environment().get_template(name)


@cache
def _environment() -> "Environment":
    made = environment(autoescape=False)
    made.filters["toml"] = toml_string
    made.filters["json"] = json_string
    made.filters["yaml"] = yaml_string
    made.filters["yaml_key"] = yaml_key
    return made


def environment(*, autoescape: bool, finalize: "Callable[[object], object] | None" = None) -> "Environment":
    """A new environment over the templates.

    Args:
        autoescape: Whether values are escaped for HTML.
        finalize: Applied to each value before it is printed.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    package = Path(__file__).parents[1]
    return Environment(
        # In a wheel the templates lie inside the package, in a checkout beside it.
        loader=FileSystemLoader([package / "templates", package.parent / "templates"]),
        autoescape=autoescape,
        finalize=finalize,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )


_ORDINARY = re.compile(r"[A-Za-z0-9./:*_@-]*+")
_NAMED_ESCAPES = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
_CONTROLS = {chr(code): f"\\u{code:04x}" for code in range(0x20)}
_TOML_ESCAPES = str.maketrans(_CONTROLS | {"\x7f": "\\u007f"} | _NAMED_ESCAPES)
_HTML_ESCAPES = {character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}
_JSON_ESCAPES = str.maketrans(_CONTROLS | _HTML_ESCAPES | _NAMED_ESCAPES)
_PLAIN_YAML = re.compile(r"[a-z/][a-z0-9./-]*")


_FLOAT = re.compile(r"[0-9]++\.[0-9]*+(?:[eE][-+]?[0-9]++)?")
_BASE_60 = re.compile(r"[0-9]++(?::[0-5]?[0-9])+")


def toml_string(text: str) -> str:
    """`text` as a TOML basic string."""
    return f'"{text}"' if _ORDINARY.fullmatch(text) else f'"{text.translate(_TOML_ESCAPES)}"'


def json_string(text: str) -> str:
    """`text` as a JSON string."""
    return f'"{text}"' if _ORDINARY.fullmatch(text) else f'"{text.translate(_JSON_ESCAPES)}"'


def yaml_string(text: str) -> str:
    """`text` as a YAML scalar: plain where that is certain to stay a string, else in double quotes."""
    return text if _PLAIN_YAML.fullmatch(text) and len(text) > 5 else json_string(text)


def yaml_key(text: str) -> str:
    """A scope as go-yaml writes it as a key: in quotes where it begins with `*` or would be read as a number."""
    if text.startswith("*"):
        return f"'{text}'"
    is_number = _BASE_60.fullmatch(text) or (_FLOAT.fullmatch(text) and isfinite(float(text)))
    return f'"{text}"' if is_number else text
