"""Addresses that can be asked for, and those that cannot."""

from __future__ import annotations

import pytest

from core.opening.web_address import ascii_address


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://example.org/a/n.pkl?x=1&y=2", "https://example.org/a/n.pkl?x=1&y=2"),
        ("HTTP://Example.org:8080/N.pkl#part", "HTTP://Example.org:8080/N.pkl"),
        ("http://bücher.de/ü n.pkl?q=ö", "http://xn--bcher-kva.de/%C3%BC%20n.pkl?q=%C3%B6"),
        ("http://b%C3%BCcher.de/n.pkl", "http://xn--bcher-kva.de/n.pkl"),
        ("http://日本.jp", "http://xn--wgv71a.jp"),
        ("http://[::1]:80/n%2fm.pkl", "http://[::1]:80/n%2fm.pkl"),
        ("http://127.0.0.1/n.pkl", "http://127.0.0.1/n.pkl"),
        ("http://a.example./a\nb", "http://a.example./a%0Ab"),
    ],
)
def test_an_address_is_asked_for_in_ascii(url: str, asked: str):
    assert ascii_address(url) == asked


@pytest.mark.parametrize(
    "url",
    [
        "n.pkl", "ftp://example.org/n.pkl", "http://", "http:///n.pkl", "http://[::1", "http://[::1]x/", "http://[x]/",
        "http://a..b/n.pkl", "http://.a/", "http://a\nb/n.pkl", "http://a b/", "http://a\\b/", "http://a%2fb/",
        "http://\ud800/", "http://a.b/\ud800", "http://a:x/", "http://a:99999/", f"http://{'a' * 64}.org/",
        f"http://{'a.' * 150}org/", "http://faß.de/n.pkl",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str):
    with pytest.raises(ValueError, match=r"^(it|its|what) ") as caught:
        ascii_address(url)
    assert type(caught.value) is ValueError
