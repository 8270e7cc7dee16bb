"""What carries messages between a page and its kernel: one interface (`link.Link`), two carriers.

The **socket** (`server`, `socket`, `offers`, `handshake`) is fast and works while a cell runs; the **comm** (`channel`)
works everywhere. The page chooses, changes when one breaks, and says so.
"""
