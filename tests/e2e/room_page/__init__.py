"""A page with one view of a room and no kernel; see ``page.ts``."""

from tests.e2e.room_page.room_page import INSECURE_URL, RoomPage, bundle_room_page

__all__ = ["INSECURE_URL", "RoomPage", "bundle_room_page"]
