"""What the embedded server does with a connection when a page is answered."""

import http.client
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.faults.conftest import Start
from tests.relay import free_port

pytestmark = pytest.mark.slow


@pytest.fixture
def connection(start: Start) -> Iterator[http.client.HTTPConnection]:
    port = free_port()
    assert start("wsgi.py", PORT=port, SCHEDULER="off").stdout.readline().startswith("Same Side is at ")
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as opened:
        yield opened


def ask(connection: http.client.HTTPConnection, **headers: str) -> tuple[int, str | None]:
    connection.request("GET", "/guide/", headers={"If-None-Match": "*"} | headers)
    with connection.getresponse() as answer:
        assert answer.read() == b""
        return answer.status, answer.headers["Connection"]


def test_a_page_that_the_reader_has_already_keeps_its_connection(connection):
    assert ask(connection) == (304, None)
    held = connection.sock
    assert ask(connection) == (304, None)
    assert connection.sock is held


def test_a_reader_who_asks_to_close_is_obeyed(connection):
    assert ask(connection, Connection="close") == (304, "close")
