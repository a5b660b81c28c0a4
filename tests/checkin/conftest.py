"""Filling in a check-in as a browser would."""

import re
from typing import Any

import pytest

from tests.conftest import Person


class Sheet:
    """The open check-in on somebody's screen: its hidden fields and prompts as the page had them when it was loaded."""

    def __init__(self, person: Person) -> None:
        self.person = person
        page = person.text("/check-in/")
        self.state = re.search(r'data-state="(\w+)"', page)[1]
        self.hidden = dict(
            re.findall(r'<input type="hidden" name="((?:check-in|member|version-)[^"]*)" value="(\d+)"', page)
        )
        self.prompts = re.findall(r'<textarea id="answer-([^"]+)"', page)

    def fields(self, *texts: str, **more: Any) -> dict[str, Any]:
        """The form with one text for each of the first prompts."""
        answers = {f"answer-{prompt}": text for prompt, text in zip(self.prompts, texts, strict=False)}
        return self.hidden | answers | more

    def save(self, *texts: str, **more: Any):
        return self.person.post("/check-in/", self.fields(*texts, **{"action": "save"} | more))

    def save_by_script(self, *texts: str, **more: Any):
        return self.person.post(
            "/check-in/", self.fields(*texts, **{"action": "save"} | more), headers={"Accept": "application/json"}
        )

    def submit(self, *texts: str, **more: Any):
        return self.person.post("/check-in/", self.fields(*texts, **{"action": "submit"} | more))


@pytest.fixture
def sheet():
    return Sheet
