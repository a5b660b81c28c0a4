"""Lighthouse, as a phone on a slow connection: the start, the contents and one section of the guide."""

import json
import os
import statistics
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import CHROMIUM, FLAGS, ROOT, Server

pytestmark = [pytest.mark.slow, pytest.mark.alone]
PROGRAM = ROOT / ".venv" / "lighthouse" / "node_modules" / ".bin" / "lighthouse"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
RUNS = 3


def look(url: str, folder: Path) -> dict[str, Any]:
    """One run's report. About one run in forty finds no page in its browser: that one is run again."""
    report = folder / "report.json"
    for _ in range(3):
        subprocess.run(
            [PROGRAM, url, "--quiet", "--output=json", f"--output-path={report}",
             f"--only-categories={','.join(CATEGORIES)}", f"--chrome-flags={' '.join(['--headless=new', *FLAGS])}"],
            env=os.environ | {"CHROME_PATH": CHROMIUM},
            check=True,
            capture_output=True,
            timeout=300,
        )  # fmt: skip
        found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
        if "runtimeError" not in found:
            return found
    raise AssertionError(found["runtimeError"])


@pytest.mark.parametrize("address", ["/", "/guide/", "/guide/trust"])
def test_a_public_page_is_as_good_as_lighthouse_can_tell(
    live_server: Server, tmp_path: Path, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = [look(live_server.url + address, tmp_path) for _ in range(RUNS)]
    median = {name: statistics.median(100 * run["categories"][name]["score"] for run in runs) for name in CATEGORIES}
    with capsys.disabled():
        print(f"\nlighthouse {address}: {', '.join(f'{name} {value:.0f}' for name, value in median.items())}")
    assert median.pop("performance") >= 95
    assert set(median.values()) == {100}
    fetched = runs[0]["audits"]["network-requests"]["details"]["items"]
    assert len(fetched) <= 7  # and the worker, which has a process of its own
    assert sum(item["transferSize"] for item in fetched) <= 38_000
