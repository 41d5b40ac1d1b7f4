"""Which texts are request URIs, as Go's `url.ParseRequestURI` has it."""

import pytest

from compiler.names.request_uri import is_request_uri


@pytest.mark.parametrize(
    "text",
    [
        "*",
        "/",
        "//a b",
        "https://",
        "https:///x",
        "oidc.example.com:443",
        "mailto:a b",
        "https:%zz",
        "https://a.b:/",
        "https://a.b:99999/",
        "https://a.b/c d",
        "https://a.b/?%zz",
        "https://a<b>/",
        "https://u:p@a.b/",
        "https://%c3%a9.b/",
        "https://[::1]:8443/",
        "https://[fe80::1%25eth0]/",
        "https://[fe80::1%25a%20b]/",
        "https://a.b/\u00e9",
    ],
)
def test_what_is_one(text: str) -> None:
    assert is_request_uri(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " https://a.b",
        "oidc.example.com",
        "a/b:c",
        "a_b:c",
        "?a",
        "*x",
        "/%zz",
        "/a%2",
        "https://a b/",
        "https://a.b#x",
        "https://a.b\\c",
        "https://a.b:x/",
        "https://a.b/%",
        "https://%41.b/",
        "https://a.b/\n",
        "https://a.b/\x7f",
        "https://u p@a.b/",
        "https://u%@a.b/",
        "https://[::1",
        "https://[::1]x/",
        "https://[a.b]/",
        "https://[1.2.3.4]/",
        "https://[fe80::1%25]/",
        "https://[fe80::1%25%41%]/",
        "https://[fe80::1%25%c3]/",
    ],
)
def test_what_is_none(text: str) -> None:
    assert not is_request_uri(text)
