/** A chunk of its own: what a page needs when it first has a room, or shows somebody of one. */
export { RemoteSource } from "./remote_source";
export { RoomLive } from "./room_live";
export { renderRoom } from "./room_view";
