#!/bin/sh
# Opens JupyterLab on the live example: scripts/demo.sh PYTHON [PORT]. Without a screen it only prints the URL.
set -eu
python=$1
port=${2:-}

set -- --LabApp.default_url=/lab/tree/examples/live.ipynb
if [ -n "$port" ]; then
    # The port that was asked for, or none: a tunnel leads there.
    set -- "$@" --port="$port" --ServerApp.port_retries=0
else
    # From 8888 on, the first that is free.
    set -- "$@" --port=8888 --ServerApp.port_retries=50
fi
if [ "$(id -u)" = 0 ]; then set -- "$@" --allow-root; fi
if [ "$(uname)" = Linux ] && [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then set -- "$@" --no-browser; fi

echo "Starting JupyterLab on examples/live.ipynb; open the URL with the token that it prints. Ctrl-C ends it."
# The kernel of this environment, whatever kernels the user has installed.
export JUPYTER_PREFER_ENV_PATH=1
exec "$python" -m jupyterlab "$@"
