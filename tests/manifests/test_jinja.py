"""Jinja in a process of its own: what it renders, what it refuses, and that no template exceeds its limits."""

import time
from collections.abc import Iterator

import pytest

from compiler.manifests import jinja
from compiler.manifests.jinja import Made, end, render


def only(text: str, **values: object) -> Made:
    (made,) = render([text], values)
    return made


def test_loops_and_conditions_are_rendered() -> None:
    text = "{% for s in sources %}\n- {{ s.name }}\n{% endfor %}\n{% if on %}\nyes\n{% endif %}\n"
    assert only(text, sources=[{"name": "a"}, {"name": "b"}], on=True) == ("- a\n- b\nyes\n", "")


def test_the_filters_of_ansible_that_manifests_use_are_there() -> None:
    text = "{{ l | to_nice_yaml }}{{ d | to_json }} {{ 'x' | b64encode }} {{ '5' | ternary('a', 'b') }} "
    text += "{{ n | default('z') }}"
    assert only(text, l=["a", "b"], d={"k": 1}).text == '- "a"\n- "b"\n{"k": 1} eA== a z'


def test_a_name_without_a_value_stays() -> None:
    assert only("{{ a }}/{{ b.c }}/{{ d }}", d="x").text == "{{ a }}/{{ b.c }}/x"


@pytest.mark.parametrize(
    "text", ["{% if a %}x{% endif %}", "{% for x in a %}x{% endfor %}", "{{ 1 if a == 'b' else 2 }}"]
)
def test_a_template_that_decides_by_an_unknown_name_is_not_rendered(text: str) -> None:
    assert only(text) == (None, "`a` has no value")


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ cycler.__init__.__globals__.os.environ }}",
        "{{ self.__init__.__globals__ }}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}{{ os.environ }}",
        "{{ lookup('file', '/etc/passwd') }}",
        "{{ request.application }}",
    ],
)
def test_a_template_reaches_nothing_but_its_values(text: str) -> None:
    made = only(text)
    assert "root:" not in str(made)
    assert "PATH" not in str(made)
    assert made.problem or (made.text or "").startswith("{{")


HOSTILE = [
    "{{ 10 ** 10 ** 10 }}",
    "{{ 'a' * 10000000000 }}",
    "{{ 'a'.ljust(100000000000) }}",
    "{{ 'a' | center(100000000000) }}",
    "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}",
    "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% set x = namespace(s='a') %}{% for a in range(99) %}{% set x.s = x.s ~ x.s %}{% endfor %}{{ x.s }}",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_template_exceeds_its_limits(text: str) -> None:
    begun = time.monotonic()
    made = render([text, "{{ a }}"], {"a": "fine"})
    assert made[0].text is None
    assert made[0].problem
    assert made[1] == ("fine", "")
    assert time.monotonic() - begun < jinja.SECONDS_EACH + 10


def test_a_template_that_nothing_interrupts_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jinja, "SECONDS_ALL", 3)
    end()
    text = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    begun = time.monotonic()
    assert render([text] * 5, {})[-1] == (None, jinja.TOO_SLOW)
    assert time.monotonic() - begun < 15


def test_all_templates_of_a_run_have_one_process_and_one_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jinja, "SECONDS_ALL", 1)
    end()
    slow = "{% for a in range(99999) %}{% for b in range(9) %}{{ b }}{% endfor %}{% endfor %}"
    begun = time.process_time()
    assert [render(["{{ a }}"], {"a": f"c{number}"})[0].text for number in range(300)] == [
        f"c{number}" for number in range(300)
    ]
    made = [render([slow], {})[0] for _ in range(40)]
    assert made[0].text is not None
    assert made[-1] == (None, jinja.TOO_SLOW)
    end()
    assert render(["{{ a }}"], {"a": "again"}) == [("again", "")]
    assert time.process_time() - begun < 2


def test_a_process_that_dies_is_replaced() -> None:
    end()
    deep = "{{ " + "(" * 100_000 + " }}"
    assert render([deep], {})[0].text is None
    assert only("{{ a }}", a="b").text == "b"


@pytest.fixture(autouse=True)
def _ended() -> Iterator[None]:
    yield
    end()
