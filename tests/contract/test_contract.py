"""What page and kernel must agree on: the files of this folder, which `frontend/src/contract.test.ts` reads too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ipymedia.errors import ProtocolError, Reason
from ipymedia.link.handshake import KERNEL, PAGE, proof_of, proves
from ipymedia.protocol import generate
from ipymedia.protocol.framing import header_of, join, parse_header, parse_object, split
from ipymedia.protocol.messages import message_types
from tests.contract import way

FOLDER = Path(__file__).parent


def read(name: str) -> Any:
    return json.loads((FOLDER / name).read_text("utf-8"))


VALID: list[dict[str, Any]] = read("messages/valid.json")
MALFORMED: list[dict[str, Any]] = [
    *read("messages/malformed.json"),
    *read("messages/refused_by_the_kernel.json"),
]


def test_every_message_has_an_example() -> None:
    assert {message["type"] for message in VALID} == message_types().keys()


@pytest.mark.parametrize("example", VALID, ids=lambda example: example["type"])
def test_examples_are_understood(example: dict[str, Any]) -> None:
    message = parse_object(example)
    assert isinstance(message, message_types()[example["type"]])
    assert parse_header(json.dumps(example).encode()) == message
    plain = json.loads(header_of(message))
    assert {name: plain[name] for name in example if name not in ("shapes", "devices")} == {
        name: value for name, value in example.items() if name not in ("shapes", "devices")
    }
    assert msgspec.to_builtins(parse_object(plain)) == msgspec.to_builtins(message)


@pytest.mark.parametrize("example", MALFORMED, ids=lambda example: example["why"])
def test_malformed_messages_are_refused(example: dict[str, Any]) -> None:
    for parse in (parse_object, lambda message: parse_header(json.dumps(message).encode())):
        with pytest.raises(ProtocolError, match="A message was refused: ") as refused:
            parse(example["message"])
        assert refused.value.reason is Reason.MALFORMED


@pytest.mark.parametrize(
    "example", read("framing.json")["good"], ids=lambda example: example["message"]["type"]
)
def test_frames_are_split_and_joined(example: dict[str, Any]) -> None:
    message, buffer = split(bytes.fromhex(example["frame"]))
    assert message == parse_object(example["message"])
    assert bytes(buffer).hex() == example["buffer"]
    assert split(join(message, buffer)) == (message, buffer)


@pytest.mark.parametrize("example", read("framing.json")["bad"], ids=lambda example: example["why"])
def test_broken_frames_are_refused(example: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError):
        split(bytes.fromhex(example["frame"]))


@pytest.mark.parametrize("vector", read("handshake.json"))
def test_proofs(vector: dict[str, str]) -> None:
    nonces = (vector["page_nonce"], vector["kernel_nonce"])
    for role in (KERNEL, PAGE):
        assert proof_of(role, vector["token"], *nonces) == vector[role]
        assert proves(vector[role], role, vector["token"], *nonces)
    assert not proves(vector[PAGE], KERNEL, vector["token"], *nonces)
    assert not proves(vector[KERNEL], KERNEL, vector["token"] + "0", *nonces)
    assert not proves("é", KERNEL, vector["token"], *nonces)


def test_the_recorded_series_is_what_pace_makes_of_it() -> None:
    assert json.loads(json.dumps(way.series())) == read(way.SERIES.name), f"run `{way.COMMAND}`"


def test_the_generated_typescript_is_fresh() -> None:
    target = FOLDER.parents[1] / "frontend" / "src" / "protocol" / "messages.gen.ts"
    assert target.read_text("utf-8") == generate.generate(), (
        f"{target.name} is stale: run `{generate.COMMAND}`"
    )
