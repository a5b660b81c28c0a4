"""What the embedded server does with a connection when a page is answered."""

import http.client

import pytest

from tests.faults.conftest import Start
from tests.relay import free_port

pytestmark = pytest.mark.slow


def test_a_page_that_the_reader_has_already_keeps_its_connection(start: Start) -> None:
    port = free_port()
    process = start("wsgi.py", PORT=port, SCHEDULER="off")
    assert process.stdout.readline().startswith("Same Side is at ")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", "/guide/")
    first = connection.getresponse()
    first.read()
    held = connection.sock
    for _ in range(2):
        connection.request("GET", "/guide/", headers={"If-None-Match": first.headers["ETag"]})
        known = connection.getresponse()
        assert (known.status, known.read(), known.headers["Connection"]) == (304, b"", None)
        assert connection.sock is held


def test_a_reader_who_asks_to_close_is_obeyed(start: Start) -> None:
    port = free_port()
    process = start("wsgi.py", PORT=port, SCHEDULER="off")
    assert process.stdout.readline().startswith("Same Side is at ")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    headers = {"If-None-Match": "*", "Connection": "close"}
    connection.request("GET", "/guide/", headers=headers)
    known = connection.getresponse()
    assert (known.status, known.headers["Connection"]) == (304, "close")
