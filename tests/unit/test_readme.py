"""What the pages for users say is so, as far as it can be told without a browser."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import ipymedia
from ipymedia import Reason

ROOT = Path(__file__).parents[2]
PAGES = ["README.md", "docs/map.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"]
PYTHON_BLOCKS = [
    pytest.param(block, id=f"{page}-{number}")
    for page in PAGES
    for number, block in enumerate(
        re.findall(r"^```python\n(.*?)^```", (ROOT / page).read_text(), re.DOTALL | re.MULTILINE)
    )
]
# They belong to what the user does not meet, or their message is all there is to do.
UNLISTED = {
    Reason.NO_CODEC, Reason.DECODE_FAILED, Reason.ENCODE_FAILED, Reason.NO_WEBCODECS, Reason.MALFORMED,
    Reason.TOO_LARGE, Reason.OUT_OF_ORDER, Reason.CLOSED, Reason.UNKNOWN,
}  # fmt: skip


def test_there_are_blocks() -> None:
    assert len(PYTHON_BLOCKS) >= 3


@pytest.mark.parametrize("block", PYTHON_BLOCKS)
def test_python_blocks_compile_and_import_what_there_is(block: str) -> None:
    tree = ast.parse(block)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "ipymedia":
            for name in node.names:
                assert hasattr(ipymedia, name.name), f"ipymedia has no {name.name}"


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\((?!https?:|#)([^)]+)\)", (ROOT / page).read_text()):
        assert ((ROOT / page).parent / target.split("#")[0]).exists(), f"{page}: {target}"


def test_the_table_of_reasons_is_complete() -> None:
    listed = set(re.findall(r"^\| `(\w+)` \|", (ROOT / "README.md").read_text(), re.MULTILINE))
    assert listed == {reason.value for reason in Reason if reason not in UNLISTED}


def test_paths_that_the_architecture_names_exist() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    named = re.findall(r"`((?:link|frames|protocol|streams|ui)/\w+(?:\.\w+)+|registry\.ts)`", text)
    assert len(named) > 3
    for path in named:
        folder = "frontend/src" if path.endswith(".ts") else "src/ipymedia"
        assert (ROOT / folder / path).exists(), path
