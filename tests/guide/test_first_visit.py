"""What a first visit to the guide costs: byte budgets, which do not swing with the machine."""

import re

from flask.testing import FlaskClient

PAGE = "/guide/long-term"  # the longest


def over_the_wire(client: FlaskClient, address: str) -> int:
    """Bytes of the answer as a browser gets it, headers included."""
    answer = client.get(address, headers={"Accept-Encoding": "gzip, deflate, br"})
    assert answer.status_code == 200, address
    return len(answer.data) + len(str(answer.headers).encode())


def test_a_first_visit_is_forty_kilobytes_in_eight_requests(client: FlaskClient) -> None:
    head = client.get(PAGE).get_data(as_text=True).partition("</head>")[0]
    fetched = re.findall(r'<(?:script defer src|link rel="(?:stylesheet|icon|manifest)" href)="([^"]+)"', head)
    icon = client.get("/manifest.webmanifest").json["icons"][0]["src"]
    addresses = [PAGE, *fetched, icon, "/sw.js"]
    assert len(fetched) == 5
    assert len(addresses) <= 8
    assert sum(over_the_wire(client, address) for address in addresses) <= 40_000


def test_script_worker_and_style_are_twelve_kilobytes(client: FlaskClient) -> None:
    head = client.get(PAGE).get_data(as_text=True).partition("</head>")[0]
    code = [address for address in re.findall(r'"([^"]+)"', head) if re.search(r"\.(js|css)\?", address)]
    answers = [client.get(address, headers={"Accept-Encoding": "br"}) for address in [*code, "/sw.js"]]
    assert sum(len(answer.data) for answer in answers) <= 12_000
