import { beforeEach, describe, expect, it } from "vitest";
import type { Negotiated } from "./negotiation";
import { Negotiation } from "./negotiation";

/** The states of a browser's connection, as far as they decide what is negotiated; what the browser does is not tested here. */
class Connection {
  connectionState: RTCPeerConnectionState = "new";
  signalingState: RTCSignalingState = "stable";
  localDescription: RTCSessionDescription | null = null;
  remoteDescription: RTCSessionDescription | null = null;
  readonly did: string[] = [];
  refuses = false;
  #made = 0;

  setLocalDescription = (): Promise<void> => {
    const type = this.signalingState === "have-remote-offer" ? "answer" : "offer";
    this.signalingState = type === "answer" ? "stable" : "have-local-offer";
    this.#made += 1;
    this.localDescription = { type, sdp: `${type} ${this.#made}` } as RTCSessionDescription;
    this.did.push(`made ${type}`);
    return Promise.resolve();
  };

  setRemoteDescription = ({ type, sdp }: RTCSessionDescriptionInit): Promise<void> => {
    if (this.refuses) return Promise.reject(new DOMException("nonsense", "OperationError"));
    if (type === "offer" && this.signalingState === "have-local-offer") this.did.push("took its offer back");
    this.signalingState = type === "offer" ? "have-remote-offer" : "stable";
    this.remoteDescription = { type, sdp } as RTCSessionDescription;
    this.did.push(`took ${String(sdp)}`);
    return Promise.resolve();
  };

  addIceCandidate = (candidate?: RTCIceCandidateInit | null): Promise<void> => {
    this.did.push(`candidate ${String(candidate?.candidate)}`);
    return Promise.resolve();
  };
}

const OFFER: Negotiated = { description: { kind: "offer", sdp: "theirs" } };
const ANSWER: Negotiated = { description: { kind: "answer", sdp: "their answer" } };
const candidate = (text: string): Negotiated => ({ candidate: { candidate: text, mid: "0", line: 0 } });

/** What was received is taken. */
const settled = async (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 0));

describe("Negotiation", () => {
  let connection: Connection;
  let sent: Negotiated[];
  let scope: AbortController;
  let prepared: number;

  beforeEach(() => {
    connection = new Connection();
    sent = [];
    prepared = 0;
    scope = new AbortController();
  });

  const negotiate = (polite: boolean): Negotiation => {
    const options = { polite, send: (signal: Negotiated) => void sent.push(signal), beforeAnswer: () => void (prepared += 1) };
    return new Negotiation(connection, options, scope.signal);
  };
  const kinds = (): (string | undefined)[] => sent.map(({ description }) => description?.kind);

  it("lets the impolite side make the first offer", async () => {
    await negotiate(true).offer();
    expect(connection.did).toEqual([]);
    await negotiate(false).offer();
    expect(kinds()).toEqual(["offer"]);
  });

  it("answers an offer with the tracks that go with it", async () => {
    negotiate(true).receive(OFFER);
    await settled();
    expect(connection.did).toEqual(["took theirs", "made answer"]);
    expect(prepared).toBe(1);
    expect(kinds()).toEqual(["answer"]);
  });

  it("gives way where both offer, if it is polite", async () => {
    const negotiation = negotiate(true);
    negotiation.receive(OFFER);
    await settled();
    await negotiation.offer(); // such as a restart
    negotiation.receive(OFFER);
    await settled();
    expect(connection.did.slice(2)).toEqual(["made offer", "took its offer back", "took theirs", "made answer"]);
  });

  it("stays with its own offer, if it is not", async () => {
    const negotiation = negotiate(false);
    await negotiation.offer();
    negotiation.receive(OFFER);
    negotiation.receive(candidate("of the ignored offer"));
    negotiation.receive(ANSWER);
    await settled();
    expect(connection.did.filter((one) => one.startsWith("took"))).toEqual(["took their answer"]);
    expect(negotiation.refused).toBe(0);
  });

  it("keeps candidates until there is a description, and no more than a few dozen", async () => {
    const negotiation = negotiate(true);
    for (let index = 0; index < 1000; index += 1) negotiation.receive(candidate(String(index)));
    await settled();
    expect(connection.did).toEqual([]);
    negotiation.receive(OFFER);
    negotiation.receive(candidate("late"));
    await settled();
    const added = connection.did.filter((one) => one.startsWith("candidate"));
    expect(added.length).toBe(65);
    expect(added.slice(-2)).toEqual(["candidate 999", "candidate late"]);
    expect(connection.did.indexOf("made answer")).toBeGreaterThan(connection.did.indexOf("candidate 999"));
  });

  it("says an offer again that nobody answers, until somebody does", async () => {
    const negotiation = negotiate(false);
    await negotiation.offer();
    for (let ticks = 0; ticks < 17; ticks += 1) negotiation.tick(0.25);
    expect(kinds()).toEqual(["offer", "offer", "offer"]);
    negotiation.receive(ANSWER);
    negotiation.receive(ANSWER); // to the second one
    await settled();
    expect(connection.did).toEqual(["made offer", "took their answer"]);
    negotiation.tick(10);
    expect(sent.length).toBe(3);
  });

  it("counts what it can't take, and goes on", async () => {
    const negotiation = negotiate(true);
    connection.refuses = true;
    negotiation.receive(OFFER);
    negotiation.receive({ description: { kind: "rollback" } });
    await settled();
    expect(negotiation.refused).toBe(2);
    connection.refuses = false;
    negotiation.receive(OFFER);
    await settled();
    expect(kinds()).toEqual(["answer"]);
  });

  it("says nothing after its end", async () => {
    const negotiation = negotiate(true);
    negotiation.receive(OFFER);
    scope.abort();
    await settled();
    expect(sent).toEqual([]);
  });
});
