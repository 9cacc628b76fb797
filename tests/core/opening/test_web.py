"""What showing a request would ask of the web."""

from __future__ import annotations

import pytest

from core.base.errors import DownloadError
from core.opening.address import Address
from core.opening.download import CACHE_VARIABLE, copy_of
from core.opening.web import address_of, copy_at, to_be_fetched
from core.project.saved import networks_of
from core.request import Blend, RenderRequest


@pytest.fixture(autouse=True)
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))


@pytest.mark.parametrize("around", ["{}", "  {} ", "'{}'", '" {}"', "'{}", "{}#part", "'{}#part'"])
def test_an_address_is_one_however_it_is_written(around):
    """As opening it would see it: what is not seen here would be fetched without a question."""
    location = around.format("HTTPS://host/n.pkl")
    assert address_of(location) == "HTTPS://host/n.pkl"
    assert [str(address) for address in to_be_fetched(networks_of(RenderRequest(location)))] == ["`HTTPS://host/n.pkl`"]


@pytest.mark.parametrize("location", ["", "demo:portraits", "seed:0", "/nets/https://n.pkl", "file:///n.pkl"])
def test_other_locations_ask_nothing(location):
    assert address_of(location) == ""
    assert to_be_fetched(networks_of(RenderRequest(location))) == ()


def test_each_address_is_named_once_and_not_what_the_cache_has():
    here, there = "https://host/a.pkl", "https://host/b.pkl"
    request = RenderRequest("seed:0", blends=(Blend(here), Blend(here), Blend(there)))
    assert [address.url for address in to_be_fetched(networks_of(request))] == [here, there]
    copy = copy_at(here)
    assert copy is not None
    copy.path.parent.mkdir(parents=True)
    copy.path.write_bytes(b"x")
    assert [address.url for address in to_be_fetched(networks_of(request))] == [there]


def test_a_request_with_an_address_that_cannot_be_used_is_refused():
    with pytest.raises(DownloadError, match="user name or password"):
        to_be_fetched(("seed:0", "https://a:b@host/n.pkl"))


def test_what_follows_a_number_sign_makes_no_other_file():
    plain, with_part = copy_at("https://host/n.pkl"), copy_at("https://host/n.pkl#part")
    assert plain == with_part == copy_of("https://host/n.pkl#other")


def test_host_and_path_are_safe_to_show():
    address = Address("https://Host.example:99/\u202egp.pkl?x=\x1b" + "y" * 400 + "end")
    assert address.host == "host.example:99"
    assert address.path.isprintable()
    assert len(address.path) < 200
    assert address.path.endswith("end")
