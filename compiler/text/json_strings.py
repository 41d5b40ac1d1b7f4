"""Characters that JSON allows in a string and YAML nowhere: U+007F, the C1 controls, U+FFFE and U+FFFF.

In: the text of a file. Out: a text of the same length that a YAML parser reads, and what restores a value of it. What
begins with `{` is JSON to Kubernetes (k8s.io/apimachinery `yaml.NewYAMLOrJSONDecoder`, `GuessJSONStream`).
"""

import re

_ONLY_IN_JSON = re.compile("[\x7f-\x84\x86-\x9f\ufffe\uffff]")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_STAND_INS = range(0xF0000, 0xFFFFE)
"""Private use: of no meaning to a parser."""


def with_stand_ins(text: str) -> tuple[str, dict[int, str]]:
    """The text with other characters in the place of those, and a table for `str.translate` that restores them.

    The table is empty where nothing is replaced.
    """
    if not text.lstrip().startswith("{") or not (found := sorted(set(_ONLY_IN_JSON.findall(text)))):
        return text, {}
    used = set(text)
    free = (chr(code) for code in _STAND_INS if chr(code) not in used)
    stand_ins = dict(zip(found, free, strict=False))
    if len(stand_ins) < len(found):  # a text of every character there is
        return text, {}
    table = str.maketrans(stand_ins)
    replaced = _STRING.sub(lambda string: string[0].translate(table), text)
    return replaced, {ord(stand_in): character for character, stand_in in stand_ins.items()}
