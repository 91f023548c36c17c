/** Signing in to the person's own pages, as those see it; src/own-relying-party.ts does it. */

/** What has to be kept of a request until its answer comes back. */
export interface KeptRequest {
  state: string;
  verifier: string;
  nonce: string;
}

/** What is asked beside who the person is. */
export interface Wish {
  /** The level that must be reached, as levels.ts names it. */
  level: string;
  /** Seconds: how long ago its proofs may have been made. */
  maxAge: number;
}

export type Redeemed =
  | { outcome: 'signed-in'; accountId: string; acr: string; authTime: Date }
  /** The person gave up, or what was asked cannot be reached. */
  | { outcome: 'refused'; error: string }
  /** The answer is not one to what was asked, or too old. */
  | { outcome: 'unusable'; reason: string };

export interface OwnSignIn {
  /** The address to send the browser to. Throws OwnSignInUnavailable. */
  ask(wish?: Wish): Promise<{ address: string; kept: KeptRequest }>;
  /** Redeems what came back by `query` (with its question mark). Throws OwnSignInUnavailable. */
  redeem(query: string, kept: KeptRequest): Promise<Redeemed>;
}

/** The server could not answer itself: a store or the signer is away. Nothing is known of what was asked. */
export class OwnSignInUnavailable extends Error {
  override name = 'OwnSignInUnavailable';
}
