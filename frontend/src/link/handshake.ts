/**
 * How the two ends of a socket prove to each other that they know the offer's token; see
 * `src/ipymedia/link/handshake.py`. The hash is a library's, since `crypto.subtle` is missing in insecure contexts.
 */
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

export type Role = "kernel" | "page";

export function proofOf(role: Role, token: string, pageNonce: string, kernelNonce: string): string {
  return bytesToHex(hmac(sha256, utf8ToBytes(token), utf8ToBytes(`${role}|${pageNonce}|${kernelNonce}`)));
}

/** Compares without giving away by its time where the texts differ. */
export function equalProofs(one: string, other: string): boolean {
  let difference = one.length ^ other.length;
  for (let i = 0; i < one.length; i += 1) difference |= one.charCodeAt(i) ^ other.charCodeAt(i % (other.length || 1));
  return difference === 0;
}
