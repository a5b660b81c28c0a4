"""Manifest, worker, offline page and icons, as a browser reads them."""

import json
import re
import struct
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

PUBLIC = "public, max-age=0, must-revalidate"


@pytest.fixture
def manifest(client: FlaskClient) -> dict[str, Any]:
    answer = client.get("/manifest.webmanifest")
    assert answer.mimetype == "application/manifest+json"
    parsed: dict[str, Any] = json.loads(answer.data)
    return parsed


def test_the_manifest_names_the_app_and_where_it_starts(manifest: dict[str, Any]) -> None:
    assert (manifest["id"], manifest["start_url"], manifest["scope"]) == ("/", "/", "/")
    assert len(manifest["short_name"]) <= 12
    assert manifest["display"] == "standalone"
    assert (manifest["lang"], manifest["dir"]) == ("en-GB", "ltr")
    assert [shortcut["url"] for shortcut in manifest["shortcuts"]] == ["/check-in/", "/guide/"]


def test_the_icon_and_name_say_nothing_about_marriages(manifest: dict[str, Any]) -> None:
    words = manifest["name"] + manifest["short_name"]
    assert not re.search("marri|husband|wife|couple|relationship", words, re.IGNORECASE)


def shape(png: bytes) -> tuple[int, int, int]:
    """Width, height and colour type of a PNG, as its first chunk says."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height, _, colour = struct.unpack(">IIBB", png[16:26])
    return width, height, colour


def test_each_icon_is_there_in_its_size_and_purpose(client: FlaskClient, manifest: dict[str, Any]) -> None:
    seen = set()
    for icon in manifest["icons"]:
        answer = client.get(icon["src"])
        assert answer.mimetype == icon["type"]
        width, height, _ = shape(answer.data)
        assert icon["sizes"] == f"{width}x{height}"
        seen.add((icon["purpose"], icon["sizes"]))
    assert {("any", "192x192"), ("any", "512x512"), ("maskable", "192x192"), ("maskable", "512x512")} <= seen
    assert ("monochrome", "512x512") in seen


@pytest.mark.parametrize("name", ["maskable-192", "maskable-512", "apple-touch-icon"])
def test_icons_that_a_phone_cuts_to_shape_fill_their_square(client: FlaskClient, name: str) -> None:
    png = client.get(f"/static/icons/{name}.png").data
    assert shape(png)[2] in (2, 3)  # true colour or palette, neither with an alpha channel
    assert b"tRNS" not in png
    assert shape(client.get("/static/icons/apple-touch-icon.png").data)[:2] == (180, 180)


def listed(worker: str, name: str) -> list[str]:
    found = re.search(rf"const {name} = (\[.*?\]);", worker)
    assert found
    addresses: list[str] = json.loads(found[1])
    return addresses


def test_everything_the_worker_keeps_is_there_and_public(client: FlaskClient) -> None:
    worker = client.get("/sw.js").get_data(as_text=True)
    start, guide, others = (listed(worker, name) for name in ("START", "GUIDE", "OTHER_READINGS"))
    assert {"/", "/offline", "/guide/"} <= set(start)
    assert len(guide) == 15
    assert others == ["/guide/wife/", "/guide/partner/"]
    for address in (*start, *guide, *(page.replace("/guide/", others[0]) for page in guide)):
        answer = client.get(address)
        assert answer.status_code == 200
        assert answer.headers["X-Public"] == "1"
        assert answer.headers["Cache-Control"].startswith("public, ")


def test_nothing_private_is_on_the_workers_list(app: Flask, client: FlaskClient) -> None:
    worker = client.get("/sw.js").get_data(as_text=True)
    for address in (*listed(worker, "START"), *listed(worker, "GUIDE")):
        assert address.startswith(("/guide/", "/static/", "/manifest")) or address in ("/", "/offline")


def test_the_worker_is_checked_anew_and_small(client: FlaskClient) -> None:
    answer = client.get("/sw.js")
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert len(answer.get_data(as_text=True).splitlines()) < 100


def test_the_worker_carries_the_version_of_all_pages(app: Flask, client: FlaskClient) -> None:
    assert f'"public-{app.extensions["front"].version()}"' in client.get("/sw.js").get_data(as_text=True)


def test_the_worker_never_takes_over_by_itself(client: FlaskClient) -> None:
    assert "skipWaiting" not in client.get("/sw.js").get_data(as_text=True)


def test_the_offline_page_tells_whom_to_ring_and_where_to_look(client: FlaskClient) -> None:
    page = client.get("/offline").get_data(as_text=True)
    assert 'href="tel:112"' in page
    assert 'href="https://findahelpline.com"' in page
    assert 'href="/guide/"' in page


def test_the_offline_page_needs_nothing_that_is_not_kept(client: FlaskClient) -> None:
    worker = client.get("/sw.js").get_data(as_text=True)
    page = client.get("/offline").get_data(as_text=True)
    for asset in re.findall(r'(?:src|href)="(/static/[^"]*(?:css|js|svg)\?[^"]*)"', page):
        assert asset in listed(worker, "START")


def is_allowed(robots: str, address: str) -> bool:
    """Whether robots may read an address: the longest rule that fits decides (RFC 9309)."""
    fitting = []
    for kind, rule in re.findall(r"^(Allow|Disallow): (\S+)$", robots, re.MULTILINE):
        if address == rule.rstrip("$") if rule.endswith("$") else address.startswith(rule):
            fitting.append((len(rule), kind == "Allow"))
    return max(fitting, default=(0, True))[1]


def test_search_engines_may_read_the_public_pages_and_nothing_else(client: FlaskClient) -> None:
    robots = client.get("/robots.txt").get_data(as_text=True)
    for address in ("/", "/guide/", "/guide/wife/trust", "/help/", "/about/", "/join", "/static/css/app.css"):
        assert is_allowed(robots, address), address
    for address in (
        "/check-in/",
        "/space/",
        "/settings/",
        "/reminders/",
        "/invitation/abc",
        "/join/code",
        "/reset/abc",
    ):
        assert not is_allowed(robots, address), address


def test_browsers_find_an_icon_where_they_look_for_one(client: FlaskClient) -> None:
    answer = client.get("/favicon.ico")
    assert answer.status_code == 200
    assert answer.data.startswith(b"\x00\x00\x01\x00")
    assert answer.headers["Cache-Control"] == PUBLIC
