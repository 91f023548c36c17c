/** English: what is wrong with a request, and what to change. */

import type { Difference } from '../address.ts';
import type { Source } from '../mistakes.ts';
import type { MistakeWords } from './words.ts';

export const q = (text: string) => `'${text}'`;
export const all = (texts: readonly string[]) => new Intl.ListFormat('en', { type: 'conjunction' }).format(texts);
export const either = (texts: readonly string[]) => new Intl.ListFormat('en', { type: 'disjunction' }).format(texts);
const meant = (nearest: string | undefined, otherwise: string) => (nearest ? `did you mean ${q(nearest)}?` : otherwise);

export const sources: Record<Source, string> = {
  claims: 'claims',
  acr_values: 'acr_values',
  default_acr_values: "the client's default_acr_values",
};

const parts: Record<Difference, string> = {
  scheme: 'the scheme (http or https)',
  user: 'a user name before the host',
  host: 'the host',
  port: 'the port',
  slash: 'a slash at the end',
  case: 'upper and lower case',
  path: 'the path',
  query: "what follows '?'",
  fragment: "what follows '#'",
  spelling: 'the spelling',
};

const inWords = (differences: readonly Difference[]) => all(differences.map((each) => parts[each]));

export const mistakes: MistakeWords = {
  'not-an-address': () => ['this is no whole address', 'paste it from the first letter, https://, to the last'],
  'other-server': ({ given, expected, differences }) => [
    `${given} is not this server; it differs in ${inWords(differences)}`,
    `send people to ${expected}`,
  ],
  'other-page': ({ given, expected }) => [
    `${given} is not the authorization endpoint`,
    `use ${expected}, or read it from the discovery document`,
  ],
  'html-escaped': () => [
    "'&amp;' stands where '&' belongs",
    'the URL was copied from the source of a page: use it as the browser shows it',
  ],
  fragment: () => ["what follows '#' never reaches the server", "move it before '#', or leave it out"],
  'secret-in-url': ({ parameter }) => [
    `${parameter} stands in the URL, where browsers, proxies and logs keep it`,
    'take it out, and replace the secret: it has left its home. Secrets belong in the token request',
  ],
  'unknown-parameter': ({ given, nearest }) => [`there is no parameter ${q(given)}`, `did you mean ${q(nearest)}?`],

  repeated: ({ parameter }) => [`${parameter} is given more than once`, 'give it once'],
  'missing-client-id': () => ['client_id is missing', 'add the id that the service is registered under'],
  'unknown-client': ({ given }) => [
    `there is no client ${q(given)}`,
    'register it with `kapu client put`, or correct the id (`kapu client list`)',
  ],
  'request-and-request-uri': () => ['request and request_uri are both given', 'give one of them'],
  'request-uri-elsewhere': () => [
    'request_uri does not come from this server',
    'push the request first (RFC 9126), and use the request_uri that the answer gives',
  ],
  'request-unreadable': ({ parameter }) => [
    `what is asked stands in ${parameter}, which cannot be read here`,
    'explain the request with its parameters in the URL, before it is pushed or signed',
  ],
  'unsupported-response-mode': ({ given }) => [
    `there is no response_mode ${q(given)}`,
    "leave it out: the answer comes in the address; or use 'form_post'",
  ],
  'missing-response-type': () => ['response_type is missing', 'add response_type=code'],
  registration: () => ['registration is not supported', 'leave it out: clients are registered by the operator'],
  'unsupported-response-type': ({ given }) => [
    `response_type ${q(given)} is not supported`,
    'use response_type=code: tokens come from the token endpoint, not through the browser',
  ],
  'missing-redirect-uri': ({ registered }) => [
    'redirect_uri is missing',
    `say where the answer goes: ${either(registered)}`,
  ],
  'unregistered-redirect-uri': ({ given, nearest, differences, native }) => [
    `redirect_uri ${q(given)} is not registered; it differs from ${q(nearest)} in ${inWords(differences)}`,
    `use a registered one, letter by letter, or register this one${
      differences.includes('port') && !native
        ? '. Only clients with application_type native may use any port, on a loopback address'
        : ''
    }`,
  ],
  'unknown-prompt': ({ given, nearest }) => [
    `there is no prompt ${q(given)}`,
    meant(nearest, 'known: none, login, consent, select_account'),
  ],
  'prompt-none-combined': ({ given }) => [
    `prompt=none stands beside others: ${q(given)}`,
    "'none' shows no page, the others ask for one: choose",
  ],
  'scope-form': () => ['scope is not a list of words', 'separate scopes by one space, without quotes'],
  'scope-not-allowed': ({ given }) => [
    `this client may not ask for the scope ${q(given)}`,
    "leave it out, or add it to the client's scope",
  ],
  'unknown-scope': ({ given, nearest }) => [
    `there is no scope ${q(given)}: it is passed over`,
    meant(nearest, 'leave it out'),
  ],
  'scope-of-resource': ({ given, resource }) => [
    `the scope ${q(given)} belongs to an API, and without resource it is passed over`,
    `add resource=${resource}`,
  ],
  'missing-openid': ({ because }) => [
    because ? `the scope openid is missing, which ${because} needs` : 'without the scope openid there is no ID token',
    'add openid to scope',
  ],
  'no-scope': () => ['no scope is asked for that this client can get', 'ask for openid at least'],
  'offline-without-consent': () => [
    'offline_access is passed over: it wants prompt=consent',
    'add prompt=consent, or leave offline_access out (OpenID Connect Core, 11)',
  ],
  'offline-not-registered': () => [
    'offline_access is passed over: this client may not refresh',
    "add refresh_token to the client's grant_types, or leave it out",
  ],

  'missing-challenge': () => [
    'code_challenge is missing: PKCE is required',
    'add code_challenge, the SHA-256 of a new random code_verifier in base64url, and code_challenge_method=S256',
  ],
  'missing-challenge-method': () => ['code_challenge_method is missing', 'add code_challenge_method=S256'],
  'challenge-method': ({ given }) => [
    `code_challenge_method ${q(given)} is not supported`,
    'use S256: with plain, who reads the URL holds the verifier as well',
  ],
  'method-without-challenge': () => [
    'code_challenge_method is given without code_challenge',
    'add code_challenge: the SHA-256 of the code_verifier in base64url',
  ],
  'challenge-form': ({ length }) => [
    `code_challenge is no SHA-256 in base64url (its length is ${length})`,
    "an S256 challenge has 43: letters, digits, '-' and '_', without '=' at the end",
  ],
  'missing-state': () => [
    'state is missing',
    'add a random one, kept in the browser session: it ties the answer to this browser',
  ],
  'missing-nonce': () => ['nonce is missing', 'add a random one, and compare it with the one in the ID token'],

  'claims-not-json': () => [
    'claims is not JSON',
    'write {"id_token":{"acr":{"essential":true,"value":"plus"}}}, percent-encoded',
  ],
  'claims-not-object': () => ['claims is JSON, but no object', 'put id_token or userinfo around it: {"id_token":{…}}'],
  'claims-empty': ({ acr }) => [
    acr ? 'acr stands in claims by itself' : 'claims has neither id_token nor userinfo',
    'put it under id_token: {"id_token":{"acr":{…}}}',
  ],
  'claims-part': ({ part }) => [`claims.${part} is no object`, `write {"${part}":{"acr":{…}}}`],
  'claims-member': ({ part, claim }) => [
    `claims.${part}.${claim} is neither null nor an object`,
    'write null, or {"essential":true,"value":"…"}',
  ],
  'acr-malformed': ({ said }) => [
    said,
    said.includes('essential')
      ? 'write "essential": true, without quotes around true'
      : 'write {"essential":true,"value":"plus"} or {"essential":true,"values":["plus"]}',
  ],
  'acr-misplaced': ({ where }) => [
    where === 'top' ? 'acr in claims by itself demands nothing' : 'acr under userinfo demands nothing',
    'put it under id_token: {"id_token":{"acr":{…}}}',
  ],
  'essential-without-value': () => ['acr is essential, but has no value: any level will do', 'add "value": "plus"'],
  'resource-form': ({ given }) => [
    `resource ${q(given)} is no whole address`,
    "write it with its scheme, and without '#'",
  ],
  'unknown-resource': ({ given, nearest }) => [
    `there is no API ${q(given)}`,
    meant(nearest, 'the operator lists APIs in the settings, under resources'),
  ],
  'resource-not-listed': ({ given }) => [
    `this client may not ask for tokens for ${q(given)}`,
    "add it to the client's resources",
  ],
  'max-age': ({ given }) => [`max_age ${q(given)} is no whole number of seconds`, 'write max_age=300 for five minutes'],
  'id-token-hint': () => ['id_token_hint is no token', 'give the ID token as it came, all three parts of it'],

  'unknown-level': ({ given, source, nearest }) => [
    `there is no level ${q(given)} (in ${sources[source]})`,
    meant(nearest, 'discovery lists the levels, in acr_values_supported'),
  ],
  'retired-alias': ({ given, level, sunset }) => [
    `${q(given)} is an old name of ${q(level)}, and was to be used until ${sunset.toISOString().slice(0, 10)}`,
    `ask for ${q(level)}, and accept it in the token`,
  ],
  'level-in-url-only': ({ level }) => [
    `only the URL asks for ${q(level)}, and anyone can change a URL`,
    `if every sign-in of this service needs it, set "minimum_level": "${level}" for the client; check acr in the token in any case`,
  ],
  'person-cannot-reach': ({ person, level, weaker }) => [
    `${person} has no way to level ${q(level)}`,
    `${weaker ? `if a weaker level will do, list it after this one (acr_values=${level} ${weaker}); else ` : ''}they must set up a method for it`,
  ],
  'nobody-can-reach': ({ level }) => [
    `nobody can reach level ${q(level)} here: its methods are switched off, or do not count for this client or scope`,
    'ask for another level, or change excluded_methods or methodsOff',
  ],
  'weaker-than-wished': ({ wished, reached, person }) => [
    `${person ?? 'the person'} does not reach ${q(wished)}, so the token will say ${q(reached)}`,
    'this is as listed: look at acr in the token before you show what needs more',
  ],
};
