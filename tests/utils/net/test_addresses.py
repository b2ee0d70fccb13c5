"""The guard refuses every known way to name a place that is not on the public internet."""

import ipaddress
import socket

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.net.addresses import host_and_port, is_public, parse_address, resolve, system_resolver

# Sixty ways to reach what is not public: each is refused by its form, or by where it leads.
HOSTILE = """
http://xn--/
http://xn--0.com/
http://xn--a.example/
http://127.0.0.1/
http://127.0.0.1:80/
http://127.1/
http://127.0.1/
http://0/
http://0.0.0.0/
http://2130706433/
http://017700000001/
http://0x7f000001/
http://0x7f.0x0.0x0.0x1/
http://0177.0.0.1/
http://0177.0.0.01/
http://127.0.0.1./
http://127.0.0.0x1/
http://1.2.3.4.5/
http://10.0.0.5/
http://172.16.0.1/
http://172.31.255.255/
http://192.168.1.1/
http://169.254.169.254/latest/meta-data/
http://100.64.0.1/
http://192.0.0.192/
http://198.18.0.1/
http://203.0.113.7/
http://224.0.0.1/
http://255.255.255.255/
http://192.88.99.1/
http://[::1]/
http://[::]/
http://[::ffff:127.0.0.1]/
http://[::ffff:7f00:1]/
http://[::ffff:169.254.169.254]/
http://[::127.0.0.1]/
http://[64:ff9b::127.0.0.1]/
http://[64:ff9b::a00:5]/
http://[64:ff9b:1::1]/
http://[2002:7f00:1::]/
http://[2002:c0a8:101::1]/
http://[2001:0:4136:e378:8000:63bf:80ff:fffe]/
http://[fe80::1]/
http://[fe80::1%25eth0]/
http://[fc00::1]/
http://[fd00:ec2::254]/
http://[fec0::1]/
http://[ff02::1]/
http://[2001:db8::1]/
http://localhost/
http://LOCALHOST/
http://localhost./
http://user:secret@93.184.216.34/
http://93.184.216.34@127.0.0.1/
http://93.184.216.34:22/
http://93.184.216.34:8080/
http://93.184.216.34\\@127.0.0.1/
http://127。0。0。1/
http://①②⑦.⓪.⓪.①/
http:///etc/passwd
http://127.0.0.1%2f@93.184.216.34/
file:///etc/passwd
ftp://93.184.216.34/
gopher://127.0.0.1:6379/_INFO
data:text/html,hello
javascript:alert(1)
//127.0.0.1/
http:127.0.0.1
http://93.184.216.34/\r\nX-Header: 1
http://[::1
http://.
http://
""".strip("\n").split("\n")


def local_resolver(host: str, port: int) -> list[str]:
    """Answer as a system does without a network: numbers stand for themselves, and localhost for this machine."""
    known = {"localhost": ["127.0.0.1", "::1"], "localhost.": ["127.0.0.1"]}
    return known.get(host.lower()) or system_resolver(host, port)


def test_there_are_sixty_of_them():
    assert len(set(HOSTILE)) >= 60


@pytest.mark.parametrize("address", HOSTILE)
def test_a_hostile_address_is_refused_in_one_sentence(address: str):
    with pytest.raises((ValueError, PermissionError), match=r"^[^\n]+\.$"):
        resolve(parse_address(address), frozenset(), local_resolver)


@pytest.mark.parametrize(
    "address",
    [
        "http://93.184.216.34/",
        "https://example.org",
        "https://EXAMPLE.org:443/a?b=c#d",
        "http://[2606:2800:220:1:248:1893:25c8:1946]/",
        "https://müller.example/straße?q=größe",
        "https://example.org/search?mail=a@b.org",
        "https://3com.example/",
    ],
)
def test_an_address_of_the_public_web_is_let_through(address: str):
    public = ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"]
    assert resolve(parse_address(address), frozenset(), lambda _host, _port: public) == public


def test_one_place_that_is_not_public_is_enough_to_refuse_a_name():
    url = parse_address("http://two-faced.test/")
    with pytest.raises(PermissionError, match="not on the public internet"):
        resolve(url, frozenset(), lambda _host, _port: ["93.184.216.34", "10.0.0.1"])


def test_a_name_that_leads_nowhere_is_told():
    def unknown(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    def empty(_host: str, _port: int) -> list[str]:
        return []

    for resolver in (unknown, empty):
        with pytest.raises(ConnectionError, match=r"^nowhere\.test was not found\."):
            resolve(parse_address("http://nowhere.test/"), frozenset(), resolver)


def test_what_is_allowed_is_one_host_with_one_port():
    allowed = frozenset({"127.0.0.1:8888", "[::1]:80"})
    assert resolve(parse_address("http://127.0.0.1:8888/", allowed), allowed, system_resolver) == ["127.0.0.1"]
    assert resolve(parse_address("http://[::1]/", allowed), allowed, lambda _host, _port: ["::1"]) == ["::1"]
    for other in ("http://127.0.0.1:8889/", "http://127.0.0.1/", "http://localhost:8888/", "http://127.0.0.2:8888/"):
        with pytest.raises((ValueError, PermissionError)):
            resolve(parse_address(other, allowed), allowed, local_resolver)


def test_host_and_port_are_named_as_in_the_list():
    addresses = ("http://A.test/", "https://a.test", "http://a.test:81/", "http://[::1]:81/")
    assert [host_and_port(httpx.URL(address)) for address in addresses] == [
        "a.test:80",
        "a.test:443",
        "a.test:81",
        "[::1]:81",
    ]


@given(st.ip_addresses(v=4))
def test_an_address_inside_another_is_as_public_as_itself(inner: ipaddress.IPv4Address):
    for outer in (f"::ffff:{inner}", f"64:ff9b::{inner}"):
        assert is_public(outer) == is_public(str(inner))


@given(st.ip_addresses(v=4) | st.ip_addresses(v=6))
def test_nothing_that_python_calls_private_is_public(place: ipaddress.IPv4Address | ipaddress.IPv6Address):
    if place.is_private or place.is_loopback or place.is_link_local or place.is_multicast or place.is_reserved:
        carries_another = str(place).startswith(("::ffff:", "64:ff9b::"))
        assert carries_another or not is_public(str(place))


@given(st.text() | st.text(alphabet="htp:/[]@.%0127xa?#\\ ").map("http://".__add__))
def test_any_text_is_parsed_or_refused(text: str):
    try:
        url = parse_address(text)
    except (ValueError, PermissionError) as error:
        assert str(error)
    else:
        assert url.scheme in ("http", "https") and url.host and not url.userinfo and url.port in (None, 80, 443)
