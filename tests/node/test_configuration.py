"""A registries.conf with its drop-ins, as the recordings of containers/image have them."""

import pytest

from compiler.node.configuration import overlay, reading_order
from compiler.node.files import DROP_INS, REGISTRIES_CONF
from compiler.node.loading import InvalidRegistriesError
from compiler.node.model import RegistriesConf
from compiler.node.registries_conf import ConfFileError, read_registries_conf
from compiler.node.resolver import Resolver
from tests.conformance import Json, as_list, as_object, as_text, recordings

LINES = [line for line in recordings("registries-dropins") if line["main"] is not None]


def conf_of(line: dict[str, Json]) -> RegistriesConf:
    dropped = {f"{DROP_INS}/{name}": as_text(text) for name, text in as_object(line["dropins"]).items()}
    files = {REGISTRIES_CONF: as_text(line["main"]), **dropped}
    return overlay(read_registries_conf(files[path], path=path).conf for path in reading_order(files))


@pytest.mark.parametrize("line", LINES, ids=lambda line: as_text(line["id"]))
def test_pulls_are_as_recorded(line: dict[str, Json]) -> None:
    if line.get("error"):
        with pytest.raises((ConfFileError, InvalidRegistriesError)):
            Resolver(conf_of(line))
        return
    resolver = Resolver(conf_of(line))
    for reference, attempts in as_object(line["pulls"]).items():
        expected = [as_text(each).removeprefix("(no entry) ") for each in as_list(attempts)]
        assert [attempt.reference for attempt in resolver.resolve(reference).attempts] == expected
    assert list(resolver.search) == as_list(line["search"] or [])


def test_a_list_that_is_empty_empties_the_search() -> None:
    main = RegistriesConf(search=("quay.io",))
    emptying = read_registries_conf("unqualified-search-registries = []\n", path="x.conf").conf
    silent = read_registries_conf('[[registry]]\nlocation = "quay.io"\n', path="y.conf").conf
    assert overlay([main, emptying]).search == ()
    assert overlay([main, silent]).search == ("quay.io",)
