/** Requests to explain, and what surrounds them: three levels, two clients, one API. */

import { type ExplainInput, type Explanation, explainRequest } from '../../src/explain/explain.ts';
import type { MistakeName } from '../../src/explain/mistakes.ts';
import type { ExplainedMethod, Step } from '../../src/explain/steps.ts';
import type { ClientMetadata } from '../../src/oidc/clients/metadata.ts';
import { aged, ladder, now } from '../assurance/ladder.ts';

export const endpoint = 'https://login.example.hu/auth';

const method = (name: string, amr: string[], identifies = false): ExplainedMethod => ({
  name,
  amr,
  identifies,
  title: (locale) => `${name} (${locale})`,
});
export const methods = [
  method('password', ['pwd'], true),
  method('email-code', ['otp']),
  method('totp', ['otp', 'mfa']),
  method('passkey', ['hwk', 'user'], true),
];

export const tax: ClientMetadata = {
  client_id: 'tax',
  client_name: 'Adóbevallás',
  redirect_uris: ['https://tax.example.hu/callback'],
};
/** An application on people's devices. */
export const app: ClientMetadata = {
  ...tax,
  client_id: 'app',
  application_type: 'native',
  redirect_uris: ['http://127.0.0.1/callback', 'hu.example.app:/callback'],
};

export const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
const good = {
  client_id: 'tax',
  response_type: 'code',
  redirect_uri: 'https://tax.example.hu/callback',
  scope: 'openid',
  state: 'some-state',
  nonce: 'some-nonce',
  code_challenge: challenge,
  code_challenge_method: 'S256',
};

/** Parameters to change: undefined leaves one out, a list gives it several times. */
export type Change = Record<string, string | string[] | undefined>;

/** A request that nothing is wrong with, changed. */
export function urlOf(change: Change = {}, at = endpoint): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...good, ...change }))
    for (const each of Array.isArray(value) ? value : [value]) if (each !== undefined) query.append(name, each);
  return `${at}?${query}`;
}

/** The `claims` parameter that asks for an acr. */
export const acr = (request: unknown): Change => ({ claims: JSON.stringify({ id_token: { acr: request } }) });

/** A person without the newer methods. */
export const anna = { name: 'anna', usable: ['password', 'email-code'] };
export const bela = { name: 'bela', usable: ['password'] };

/** The explanation of a request to `tax`. */
export function explained(url: string, change: Partial<ExplainInput> = {}): Explanation {
  return explainRequest({
    url,
    endpoint,
    client: tax,
    ladder,
    scopeRules: {},
    methods,
    resources: { 'https://tax.example.hu/api': { scopes: ['tax.read'], accessToken: 'jwt' } },
    person: anna,
    now,
    ...change,
  });
}

/** A session by the age of its proofs, in seconds. */
export const sessionOf = aged;

/** Each mistake as 'severity name'. */
export function mistakesIn({ mistakes }: Explanation): string[] {
  return mistakes.map(({ severity, name }) => `${severity} ${name}`);
}

/** The one mistake of that name; fails when there is none. */
export function mistake({ mistakes }: Explanation, name: MistakeName): object {
  const found = mistakes.find((each) => each.name === name);
  if (!found) throw new Error(`no ${name} among ${mistakes.map((each) => each.name).join(', ') || 'no mistakes'}`);
  return found;
}

function stepLine(step: Step): string {
  switch (step.page) {
    case 'method':
      return `${step.method} (${step.why})`;
    case 'choose':
      return `choose ${step.methods.join('|')}`;
    case 'consent':
      return `consent (${step.why})`;
    case 'sign-up':
    case 'select-account':
      return step.page;
  }
}

/** Pages and outcome in one list: 'password (nobody)', …, then the acr or the error. */
export function storyOf({ steps, outcome }: Explanation): string[] {
  const end =
    outcome.kind === 'token'
      ? `acr ${outcome.acr}${outcome.idToken ? '' : ', no ID token'}`
      : outcome.kind === 'error'
        ? `${outcome.error}${outcome.to === 'person' ? ' (page)' : ''}`
        : outcome.kind;
  return [...steps.map(stepLine), end];
}
