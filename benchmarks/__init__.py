"""How quick and how steady the live path is, measured in a real JupyterLab with a real Chromium: see README.md."""
