/** An authorization request as the explainer looks at it: the address, and what is known here of the client that it names. */

import type { Settings } from '../../config/settings.ts';
import type { RequestParameters } from '../assurance/request.ts';
import type { ClientMetadata } from '../oidc/clients/metadata.ts';
import { isRedirectAllowed } from '../oidc/clients/redirect-uris.ts';
import type { Address } from './address.ts';
import type { Mistake } from './mistakes.ts';

export interface Request {
  address: Address;
  /** Undefined: the address names none, or one that does not exist. */
  client?: ClientMetadata;
  resources: Settings['resources'];
  /** Scopes that stand alone: the standard ones, and those that the settings have rules for. */
  scopes: readonly string[];
  /** Whether people may make accounts of their own. */
  signUp?: boolean;
}

/** A mistake, and the error that it ends in. */
export interface Refused {
  mistake: Mistake;
  /** RFC 6749, 4.1.2.1; OpenID Connect Core, 3.1.2.6. */
  error: string;
}

/** The words of a parameter that is a list. */
export function wordsOf({ parameters }: Address, name: string): string[] {
  return parameters.get(name)?.split(' ') ?? [];
}

/** The parameter by which a pushed or signed request comes (RFC 9126, RFC 9101): what it asks does not stand in the address. */
export function unreadable({ parameters }: Address): 'request' | 'request_uri' | undefined {
  return (['request_uri', 'request'] as const).find((name) => parameters.has(name));
}

/** Where the browser is sent back to; undefined when that is no place that the client has registered. */
export function redirectOf({ address, client }: Request): string | undefined {
  if (!client) return undefined;
  const given = address.parameters.get('redirect_uri');
  return given !== undefined && isRedirectAllowed(client, given) ? given : undefined;
}

/** The parameters that levels depend on, as src/assurance takes them. */
export function parametersOf({ address: { parameters }, client }: Request): RequestParameters {
  const maxAge = parameters.get('max_age') ?? client?.default_max_age;
  return {
    claims: parameters.get('claims'),
    acr_values: parameters.get('acr_values'),
    max_age: maxAge === undefined || Number.isNaN(Number(maxAge)) ? undefined : Number(maxAge),
    prompt: parameters.get('prompt'),
    scope: parameters.get('scope'),
  };
}
