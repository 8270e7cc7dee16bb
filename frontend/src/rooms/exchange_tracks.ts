/** Lets a stream have these tracks and no others; gives whether it had others before. */
export function exchangeTracks(stream: MediaStream, tracks: readonly MediaStreamTrack[]): boolean {
  const before = stream.getTracks();
  if (before.length === tracks.length && tracks.every((track) => before.includes(track))) return false;
  // Added before the others go: a <video> that shows the stream keeps its picture then.
  for (const track of tracks) stream.addTrack(track);
  for (const track of before) if (!tracks.includes(track)) stream.removeTrack(track);
  return true;
}
