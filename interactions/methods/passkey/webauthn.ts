/**
 * WebAuthn as this method uses it: what browsers are asked for, and whether what comes back is what was asked. The library
 * checks signatures and reads CBOR; which checks there are is decided here. It knows no store, no page and no account.
 */

import { hash } from 'node:crypto';
import type { AuthenticatorTransport } from '@simplewebauthn/server';
import { challengeLife } from './challenges.ts';

/**
 * Loaded with the first passkey that is used or made: it takes a good part of a second, which no start should wait for. It trusts
 * nobody's certificates: a chain that led to one would have it ask the addresses that the chain names.
 */
const library = async () => {
  const [server, more] = await Promise.all([
    import('@simplewebauthn/server'),
    import('@simplewebauthn/server/helpers'),
  ]);
  for (const identifier of certified) server.SettingsService.setRootCertificates({ identifier, certificates: [] });
  return { ...server, ...more };
};

/** What the library comes with certificates for. */
const certified = ['android-key', 'android-safetynet', 'apple', 'mds'] as const;

/** Who asks: the host of the issuer, and the origin of its pages. Passkeys belong to the host for ever. */
export interface Party {
  id: string;
  origin: string;
}

/** The party of an issuer's address. */
export function partyOf(issuer: string): Party {
  const { hostname, origin } = new URL(issuer);
  return { id: hostname, origin };
}

/** A passkey as it is kept: nothing of it is secret. Binary as base64url. */
export interface Passkey {
  /** The credential's own id, of up to 1,023 bytes. */
  id: string;
  /** COSE_Key (RFC 9052, 7). */
  publicKey: string;
  /** The user handle that it was made with. */
  user: string;
  /** How often it has been used, as far as it counts; 0 where it does not. */
  counter: number;
  /** Whether it may leave the device that made it (backup eligibility): it never changes. */
  synced: boolean;
  /** Whether it is kept elsewhere as well by now (backup state). */
  backedUp: boolean;
  transports: string[];
  /** The model of the authenticator, as far as it is told. */
  aaguid: string;
}

/** What a browser sent of a use. */
export interface Assertion {
  id: string;
  clientData: string;
  authenticatorData: string;
  signature: string;
  userHandle?: string;
}

/** What a browser sent of a new one. */
export interface Attestation {
  id: string;
  clientData: string;
  attestation: string;
  transports: string[];
}

export type Refusal =
  | 'malformed'
  | 'wrong-challenge'
  | 'wrong-origin'
  | 'wrong-host'
  | 'no-user-verification'
  | 'wrong-signature';

/** ES256, Ed25519 and RS256: what phones, computers and keys have (RFC 9053; RFC 8812). The first is the one most have. */
const algorithms = [-7, -8, -257];

/** What `navigator.credentials.get` is asked for: binary as base64url, which the page's script turns into bytes. */
export function requestOptions({ id }: Party, challenge: string, own: readonly Passkey[]) {
  return {
    challenge,
    rpId: id,
    timeout: challengeLife * 1000,
    userVerification: 'required',
    allowCredentials: own.map(descriptorOf),
  };
}

/** What `navigator.credentials.create` is asked for. `own`: those that the person has, so that no device gets a second one. */
export function creationOptions(
  { id }: Party,
  challenge: string,
  names: { party: string; user: string },
  user: string,
  own: readonly Passkey[],
) {
  return {
    challenge,
    rp: { id, name: names.party },
    user: { id: user, name: names.user, displayName: names.user },
    pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key', alg })),
    timeout: challengeLife * 1000,
    attestation: 'none',
    authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
    excludeCredentials: own.map(descriptorOf),
  };
}

function descriptorOf({ id, transports }: Passkey) {
  return { type: 'public-key', id, ...(transports.length > 0 && { transports }) };
}

/** The challenge that a browser says it has answered, of which nothing is proven yet; '' where it says none. */
export function challengeIn(clientData: string): string {
  try {
    return String(JSON.parse(Buffer.from(clientData, 'base64url').toString()).challenge ?? '');
  } catch {
    return '';
  }
}

/** Whether `assertion` was made with `passkey` for `challenge` (WebAuthn Level 3, 7.2). What the counter says is the caller's to judge. */
export async function verifyUse(
  { id, origin }: Party,
  challenge: string,
  passkey: Passkey,
  assertion: Assertion,
): Promise<{ outcome: 'proven'; counter: number; backedUp: boolean } | { outcome: 'refused'; reason: Refusal }> {
  const { verifyAuthenticationResponse, decodeClientDataJSON } = await library();
  const refused = async () =>
    ({ outcome: 'refused', reason: await reasonOf({ id, origin }, challenge, assertion) }) as const;
  try {
    const { verified, authenticationInfo: info } = await verifyAuthenticationResponse({
      response: {
        id: assertion.id,
        rawId: assertion.id,
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: assertion.clientData,
          authenticatorData: assertion.authenticatorData,
          signature: assertion.signature,
        },
      },
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: id,
      requireUserVerification: true,
      // No counter: the library would judge it before the signature, and so by anybody's word.
      credential: { id: passkey.id, publicKey: Buffer.from(passkey.publicKey, 'base64url'), counter: 0 },
    });
    const framed = decodeClientDataJSON(assertion.clientData).crossOrigin === true;
    const sameKind = (info.credentialDeviceType === 'multiDevice') === passkey.synced;
    if (!verified || framed || !sameKind) return refused();
    return { outcome: 'proven', counter: info.newCounter, backedUp: info.credentialBackedUp };
  } catch {
    // The library throws at whatever is not as it should be, and nothing here can be a fault of ours.
    return refused();
  }
}

/** The new passkey that `attestation` tells of; undefined when it is not what was asked for (WebAuthn Level 3, 7.1). */
export async function verifyNew(
  { id, origin }: Party,
  challenge: string,
  user: string,
  { id: made, clientData, attestation, transports }: Attestation,
): Promise<Passkey | undefined> {
  const { verifyRegistrationResponse, decodeClientDataJSON, decodeAttestationObject } = await library();
  try {
    const statement = decodeAttestationObject(Buffer.from(attestation, 'base64url'));
    if (!isPlain(statement.get('fmt'), statement.get('attStmt'))) return undefined;
    const { verified, registrationInfo: info } = await verifyRegistrationResponse({
      response: {
        id: made,
        rawId: made,
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: clientData,
          attestationObject: attestation,
          transports: transports as AuthenticatorTransport[],
        },
      },
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: id,
      requireUserVerification: true,
      supportedAlgorithmIDs: algorithms,
    });
    // The id is the one that the authenticator has signed for, and not another beside it.
    if (!verified || info.credential.id !== made || decodeClientDataJSON(clientData).crossOrigin === true)
      return undefined;
    return {
      id: made,
      publicKey: Buffer.from(info.credential.publicKey).toString('base64url'),
      user,
      counter: info.credential.counter,
      synced: info.credentialDeviceType === 'multiDevice',
      backedUp: info.credentialBackedUp,
      transports,
      aaguid: info.aaguid,
    };
  } catch {
    return undefined;
  }
}

/**
 * Whether an attestation says nothing but what the new key itself can sign. Any other names certificates, which we neither ask for nor
 * judge: who checks them asks their issuers' servers, and would be sent wherever somebody's certificate says.
 */
function isPlain(format: string, statement: { get(name: 'x5c'): unknown }): boolean {
  return format === 'none' || (format === 'packed' && statement.get('x5c') === undefined);
}

/** Why a use was refused, for the audit: the first thing that is not as it was asked for. */
async function reasonOf(
  { id, origin }: Party,
  challenge: string,
  { clientData, authenticatorData }: Assertion,
): Promise<Refusal> {
  const { decodeClientDataJSON, parseAuthenticatorData } = await library();
  try {
    const said = decodeClientDataJSON(clientData);
    const { rpIdHash, flags } = parseAuthenticatorData(Buffer.from(authenticatorData, 'base64url'));
    if (said.challenge !== challenge) return 'wrong-challenge';
    if (said.origin !== origin || said.crossOrigin === true) return 'wrong-origin';
    if (!Buffer.from(rpIdHash).equals(hash('sha256', id, 'buffer'))) return 'wrong-host';
    if (!flags.up || !flags.uv) return 'no-user-verification';
    return 'wrong-signature';
  } catch {
    return 'malformed';
  }
}
