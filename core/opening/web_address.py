"""Addresses on the web as the web takes them: in ASCII, with a host that there can be."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
import urllib.parse

SCHEMES = ("http", "https")
MAX_HOST = 253  # characters
MAX_PORT = 65535
SAFE = "%/:=&?~+!$,;'@()*[]"  # characters of a path that stay as they are


def ascii_address(url: str) -> str:
    """An http or https address without its fragment: the host by IDNA, the rest percent-encoded.

    Raises ValueError that says why it is none.
    """
    parts = re.fullmatch(r"(\w+)://([^/?#]*)([^#]*)(#.*)?", url, re.DOTALL)
    if parts is None or parts[1].lower() not in SCHEMES:
        raise ValueError("it does not begin with https://")
    user, at, place = parts[2].rpartition("@")
    try:
        user, rest = (urllib.parse.quote(part, SAFE) for part in (user, parts[3]))
        return f"{parts[1]}://{user}{at}{_ascii_place(place)}{rest}"
    except UnicodeEncodeError as error:
        raise ValueError("it holds half a character") from error


def _ascii_place(place: str) -> str:
    """A host and perhaps a port."""
    if place.startswith("["):
        host, closed, rest = place[1:].partition("]")
        if not closed or not _is_ipv6(host):
            raise ValueError("what is in brackets is no address of a computer")
        host = f"[{host}]"
    else:
        host, colon, port = place.partition(":")
        host, rest = _ascii_host(host), colon + port
    if not re.fullmatch(r"(:[0-9]{0,5})?", rest) or int(rest[1:] or 0) > MAX_PORT:
        raise ValueError(f"what follows its host should be a colon and a number up to {MAX_PORT}")
    return host + rest


def _ascii_host(host: str) -> str:
    name = urllib.parse.unquote(host)
    if not name:
        raise ValueError("it names no host")
    try:
        ascii_name = name.encode("idna").decode("ascii")
        same = name.isascii() or ascii_name.encode("ascii").decode("idna") == unicodedata.normalize("NFC", name.lower())
    except UnicodeError as error:
        raise ValueError("its host is none that there can be") from error
    if not same:  # the codec is that of 2003, and would lead elsewhere than a browser: ß became ss
        raise ValueError("its host has letters that are read in two ways; write it in ASCII, as xn--")
    if len(ascii_name) > MAX_HOST or not re.fullmatch(r"[\w.-]+", ascii_name, re.ASCII):
        raise ValueError("its host is none that there can be")
    return ascii_name


def _is_ipv6(host: str) -> bool:
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        return False
    return True
