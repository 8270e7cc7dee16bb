"""The command line: ``python -m ipymedia doctor [--json]``."""

from __future__ import annotations

import argparse
import json
import sys

from .doctor import as_text, examine


def main(arguments: list[str] | None = None) -> int:
    """Run a command; 0 when all is well."""
    parser = argparse.ArgumentParser(prog="python -m ipymedia", description="Live media for notebooks.")
    commands = parser.add_subparsers(dest="command", required=True)
    doctor = commands.add_parser("doctor", help="say what works on this installation, and why not")
    doctor.add_argument("--json", action="store_true", help="for programs")
    options = parser.parse_args(arguments)
    findings = examine()
    if options.json:
        print(json.dumps([finding.as_dict() for finding in findings], indent=2))
    else:
        print(as_text(findings))
    return 1 if any(finding.verdict == "wrong" for finding in findings) else 0


if __name__ == "__main__":
    sys.exit(main())
