"""Print the requirements in pyproject.toml: the package's own, and those of the extras in the arguments.

So that an environment can be filled before the package is built, and kept when only the package changes.
"""

import sys
from pathlib import Path

# `tomllib` came with Python 3.11; pip has carried the same parser since long before.
try:
    import tomllib
except ModuleNotFoundError:
    from pip._vendor import tomli as tomllib

project = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["project"]
extras = project["optional-dependencies"]
requirements = project["dependencies"] + [line for extra in sys.argv[1:] for line in extras[extra]]
print("\n".join(requirements))
