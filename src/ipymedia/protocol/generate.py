"""Writes `frontend/src/protocol/messages.gen.ts` from `messages/`: ``python -m ipymedia.protocol.generate``.

With ``--check`` nothing is written; the exit status says whether the file is fresh.
"""

from __future__ import annotations

import json
import sys
from enum import Enum
from pathlib import Path
from typing import get_args

import msgspec
from msgspec import inspect

from .. import errors
from . import messages

TARGET = Path(__file__).parents[3] / "frontend" / "src" / "protocol" / "messages.gen.ts"
COMMAND = "python -m ipymedia.protocol.generate"
_CONSTANTS = (str, int, float, tuple)


def _type(kind: inspect.Type) -> str:  # noqa: PLR0911 (one for each case)
    """The TypeScript name of one field's type."""
    match kind:
        case inspect.StrType():
            return "string"
        case inspect.IntType() | inspect.FloatType():
            return "number"
        case inspect.BoolType():
            return "boolean"
        case inspect.NoneType():
            return "null"
        case inspect.ListType(item_type=item):
            name = _type(item)
            return f"({name})[]" if "|" in name else f"{name}[]"
        case inspect.TupleType(item_types=items):
            return f"[{', '.join(_type(item) for item in items)}]"
        case inspect.StructType(cls=cls):
            return cls.__name__
        case inspect.LiteralType(values=values):
            return " | ".join(json.dumps(value) for value in values)
        case inspect.UnionType(types=types):
            return " | ".join(_type(part) for part in types)
    raise TypeError(f"no TypeScript for {kind!r}: extend {__file__}")


def _interface(cls: type[msgspec.Struct]) -> str:
    """One exported interface."""
    info = inspect.type_info(cls)
    assert isinstance(info, inspect.StructType)
    lines = []
    if cls.__doc__:
        lines.append(f"/** {' '.join(cls.__doc__.split())} */")
    lines.append(f"export interface {cls.__name__} {{")
    if info.tag is not None:
        lines.append(f'  type: "{info.tag}";')
    for field in info.fields:
        optional = "" if field.required else "?"
        lines.append(f"  {field.encode_name}{optional}: {_type(field.type)};")
    return "\n".join([*lines, "}"])


def _constant(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(msgspec.json.encode(item).decode() for item in value)}] as const"
    return msgspec.json.encode(value).decode()


def generate() -> str:
    """The whole text of the generated file."""
    structs = [
        value
        for value in vars(messages).values()
        if isinstance(value, type)
        and issubclass(value, msgspec.Struct)
        and value is not messages.Message
        and value is not msgspec.Struct
    ]
    constants = [
        f"export const {name} = {_constant(value)};"
        for name, value in vars(messages).items()
        if name.isupper() and isinstance(value, _CONSTANTS)
    ]
    shapes = " | ".join(cls.__name__ for cls in get_args(messages.Shape))
    names = " | ".join(cls.__name__ for cls in structs if issubclass(cls, messages.Message))
    reasons = " | ".join(f'"{reason.value}"' for reason in list(errors.Reason))
    assert issubclass(errors.Reason, Enum)
    return "\n\n".join(
        [
            f"// Generated from src/ipymedia/protocol/messages/ by `{COMMAND}`; change those files instead.",
            "\n".join(constants),
            f"export type Reason = {reasons};",
            *[_interface(cls) for cls in structs],
            f"export type Shape = {shapes};",
            f"export type Message = {names};",
            'export type MessageOf<T extends Message["type"]> = Extract<Message, { type: T }>;\n',
        ]
    )


def main() -> int:
    """Write the file, or check it."""
    text = generate()
    if "--check" in sys.argv[1:]:
        fresh = TARGET.is_file() and TARGET.read_text() == text
        if not fresh:
            sys.stderr.write(f"{TARGET.name} is stale: run `{COMMAND}`\n")
        return 0 if fresh else 1
    TARGET.write_text(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
