"""The built browser half: what must be in every installation, and stub and runtime belong to each other."""

import re
from importlib.resources import files

import pytest

STATIC = files("ipymedia") / "static"


def test_stub_waits_for_the_runtime_that_was_built_with_it() -> None:
    stub = (STATIC / "stub.js").read_text("utf-8")
    runtime = (STATIC / "runtime.js").read_text("utf-8")
    hashes = set(re.findall(r"[0-9a-f]{16}", stub)) & set(re.findall(r"[0-9a-f]{16}", runtime))
    assert len(hashes) == 1


@pytest.mark.parametrize(("name", "limit_bytes"), [("stub.js", 2_000), ("runtime.js", 120_000)])
def test_bundle_is_small_and_complete(name: str, limit_bytes: int) -> None:
    text = (STATIC / name).read_text("utf-8")
    assert "__IPYMEDIA_" not in text
    assert 0 < len(text.encode()) <= limit_bytes


def test_package_is_typed() -> None:
    assert (files("ipymedia") / "py.typed").is_file()
