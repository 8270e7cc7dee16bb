/** Which way a connection took: the candidate types of its chosen pair, such as `host/srflx` or `relay/host` (W3C webrtc-stats). */

interface Stats {
  readonly type: string;
  readonly selectedCandidatePairId?: string;
  readonly localCandidateId?: string;
  readonly remoteCandidateId?: string;
  readonly candidateType?: string;
  readonly selected?: boolean;
}

/** Own type first; empty where no pair is chosen yet. */
export async function wayOf(connection: Pick<RTCPeerConnection, "getStats">): Promise<string> {
  const report = (await connection.getStats()) as unknown as ReadonlyMap<string, Stats>;
  const all = [...report.values()];
  const chosen = all.find(({ type, selectedCandidatePairId }) => type === "transport" && selectedCandidatePairId !== undefined);
  // Firefox names no pair on the transport; it marks the pair.
  const pair = report.get(chosen?.selectedCandidatePairId ?? "") ?? all.find((one) => one.type === "candidate-pair" && one.selected === true);
  const own = report.get(pair?.localCandidateId ?? "")?.candidateType;
  const other = report.get(pair?.remoteCandidateId ?? "")?.candidateType;
  return own === undefined || other === undefined ? "" : `${own}/${other}`;
}
