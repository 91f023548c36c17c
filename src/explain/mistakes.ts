/**
 * The mistakes that an explanation names: each by name, with the facts that its words need. Words are in words/; which
 * mistake is in a request is found by protocol.ts (what is refused) and advice.ts (what works, but).
 */

import type { Difference } from './address.ts';

/** Where a value was asked for. */
export type Source = 'claims' | 'acr_values' | 'default_acr_values';

/** What is known of each mistake. */
export interface MistakeFacts {
  /** Nothing of it can be read. */
  'not-an-address': Nothing;
  'other-server': { given: string; expected: string; differences: Difference[] };
  'other-page': { given: string; expected: string };
  /** `&amp;` in the place of `&`. */
  'html-escaped': Nothing;
  fragment: Nothing;
  'secret-in-url': { parameter: string };
  'unknown-parameter': { given: string; nearest: string };

  repeated: { parameter: string };
  'missing-client-id': Nothing;
  'unknown-client': { given: string };
  'request-and-request-uri': Nothing;
  'request-uri-elsewhere': Nothing;
  /** A pushed or signed request: what it asks does not stand in the URL. */
  'request-unreadable': { parameter: 'request' | 'request_uri' };
  'unsupported-response-mode': { given: string };
  'missing-response-type': Nothing;
  registration: Nothing;
  'unsupported-response-type': { given: string };
  'missing-redirect-uri': { registered: string[] };
  'unregistered-redirect-uri': { given: string; nearest: string; differences: Difference[]; native: boolean };
  'unknown-prompt': { given: string; nearest?: string };
  'prompt-none-combined': { given: string };
  'scope-form': Nothing;
  'scope-not-allowed': { given: string };
  'unknown-scope': { given: string; nearest?: string };
  /** A scope of an API, without `resource`. */
  'scope-of-resource': { given: string; resource: string };
  'missing-openid': { because?: string };
  'no-scope': Nothing;
  'offline-without-consent': Nothing;
  'offline-not-registered': Nothing;

  'missing-challenge': Nothing;
  'missing-challenge-method': Nothing;
  'challenge-method': { given: string };
  'method-without-challenge': Nothing;
  'challenge-form': { length: number };
  'missing-state': Nothing;
  'missing-nonce': Nothing;

  'claims-not-json': Nothing;
  'claims-not-object': Nothing;
  'claims-empty': { acr: boolean };
  'claims-part': { part: string };
  'claims-member': { part: string; claim: string };
  /** In the words of src/assurance, which refuses it. */
  'acr-malformed': { said: string };
  'acr-misplaced': { where: 'userinfo' | 'top' };
  'essential-without-value': Nothing;
  'resource-form': { given: string };
  'unknown-resource': { given: string; nearest?: string };
  'resource-not-listed': { given: string };
  'max-age': { given: string };
  'id-token-hint': Nothing;

  'unknown-level': { given: string; source: Source; nearest?: string };
  'retired-alias': { given: string; level: string; sunset: Date };
  'level-in-url-only': { level: string };
  /** `weaker`: a level that would do instead, where nothing but the request stands against it. */
  'person-cannot-reach': { person: string; level: string; weaker?: string };
  'nobody-can-reach': { level: string };
  'weaker-than-wished': { wished: string; reached: string; person?: string };
}

type Nothing = Record<never, never>;

export type MistakeName = keyof MistakeFacts;

/** An error makes the request fail; with a warning it works, but not as well, as safely or as long as it should. */
export type Mistake = { [N in MistakeName]: { severity: 'error' | 'warning'; name: N } & MistakeFacts[N] }[MistakeName];

/** A mistake that makes the request fail. */
export function error<N extends MistakeName>(name: N, facts: MistakeFacts[N]): Mistake {
  return { severity: 'error', name, ...facts } as unknown as Mistake;
}

/** A mistake that the request works with. */
export function warning<N extends MistakeName>(name: N, facts: MistakeFacts[N]): Mistake {
  return { severity: 'warning', name, ...facts } as unknown as Mistake;
}
