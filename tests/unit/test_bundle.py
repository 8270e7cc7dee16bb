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


def test_parts_of_the_bundle_are_found_by_name_alone() -> None:
    from ipymedia.widget import chunk_text

    for chunk in (STATIC / "chunks").iterdir():
        assert 0 < len(chunk.read_bytes()) <= 300_000
    assert "recorder" in (chunk_text("recorders") or "")
    for name in ("nothing", "../runtime", "recorders.js", "", "/etc/passwd"):
        assert chunk_text(name) is None
