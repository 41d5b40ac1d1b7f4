"""How to distinguish a typo from another name: one character too many, too few, wrong, or two swapped.

A digit is never a typo: `ubi8` and `ubi9` are different names.
"""


def is_slip(text: str, name: str) -> bool:
    """Whether one edit of a character that is not a digit, or one swap of neighbours, makes `name` of `text`."""
    if abs(len(text) - len(name)) > 1:
        return False
    if text[: len(text) // 2 - 1] != name[: len(text) // 2 - 1] and not name.endswith(text[len(text) // 2 + 1 :]):
        return False  # most names: an edit or a swap leaves one of the halves as it is
    at = _length_in_common(text, name)
    differing, wanted = text[at : at + 1], name[at : at + 1]
    if len(text) > len(name):
        return text[at + 1 :] == name[at:] and not differing.isdigit()
    if len(text) < len(name):
        return text[at:] == name[at + 1 :] and not wanted.isdigit()
    if text[at + 1 :] != name[at + 1 :]:  # a swap, if anything
        differing, wanted = text[at : at + 2], name[at : at + 2]
        if differing != wanted[::-1] or text[at + 2 :] != name[at + 2 :]:
            return False
    return differing != wanted and not any(map(str.isdigit, differing + wanted))


def _length_in_common(text: str, name: str) -> int:
    """The length of the longest text that both begin with."""
    least, most = 0, min(len(text), len(name))
    while least < most:
        middle = (least + most + 1) // 2
        if text[least:middle] == name[least:middle]:
            least = middle
        else:
            most = middle - 1
    return least
