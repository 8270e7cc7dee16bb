/** What hinders a stream, and what its user, and Python, are told of it. */
import type { Reason } from "../protocol/messages.gen";

export interface Failure {
  readonly reason: Reason | (string & {});
  readonly message: string;
  readonly detail?: string;
}

export function failureOf(error: unknown, fallback: Reason): Failure {
  if (error instanceof Error && "reason" in error && typeof error.reason === "string") {
    const detail = "detail" in error && typeof error.detail === "string" ? error.detail : "";
    return { reason: error.reason, message: error.message, detail };
  }
  const text = error instanceof Error ? error.message : String(error);
  return { reason: fallback, message: text };
}
