"""How frames reach Python and come back.

Up: a page's pictures are received and decoded by a `tap.Tap`; a `processor.Processor` calls the user's function; down:
a `downlink.Downlink` encodes and sends. Inside of the kernel they meet in `flow`; `hub.Hub` routes the messages.
"""
