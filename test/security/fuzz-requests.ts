/**
 * Requests that are made up: each begins as a right one and is changed in a few places, so that most get past the first checks. What
 * a run of the server alone can know (tokens, uids, cookies) stands here by its name in ‹› and is put in when it is sent. Pure.
 */

import fc from 'fast-check';

export type Field = [name: string, value: string];

/** A right request. Its fields stand in the address or in the body. */
export interface Base {
  method: 'GET' | 'POST';
  path: string;
  fields: Field[];
  headers?: Record<string, string>;
}

/** A change; `at` counts the fields, from the front, round and round. */
export type Change =
  | { change: 'set'; name: string; value: string }
  | { change: 'twice'; at: number; value?: string }
  | { change: 'drop'; at: number }
  | { change: 'rename'; at: number; to: string }
  | { change: 'tamper'; at: number; how: string }
  | { change: 'swap'; at: number; with: number }
  | { change: 'move'; at: number }
  | { change: 'header'; name: string; value: string }
  | { change: 'method'; to: string }
  | { change: 'path'; to: string }
  | { change: 'splice'; at: number; text: string }
  | { change: 'cookies'; how: string };

export interface Input {
  base: Base;
  changes: Change[];
}

/** A byte that is sent as it is, in percent signs: text of which no UTF-8 can be made. */
const byte = (value: number) => String.fromCharCode(0xe000 + value);
export const markup = '"><i>fuzz';
export const injected = '\r\nX-Injected: 1\r\nSet-Cookie: injected=1';

/** What may become of a value. */
export const tamperings: Record<string, (value: string) => string> = {
  nothing: () => '',
  'cut short': (value) => value.slice(0, value.length >> 1),
  'without its end': (value) => value.slice(0, -1),
  'another end': (value) => `${value.slice(0, -2)}${value.endsWith('A') ? 'B' : 'A'}`,
  longer: (value) => `${value}x`,
  'a space before': (value) => ` ${value}`,
  'a space after': (value) => `${value} `,
  'other case': (value) => (value === value.toUpperCase() ? value.toLowerCase() : value.toUpperCase()),
  NUL: (value) => `${value}\0`,
  'NUL first': (value) => `\0${value}`,
  'a line break': (value) => `${value}${injected}`,
  'no UTF-8': (value) => `${value}${byte(0xff)}${byte(0xc3)}(`,
  'an overlong slash': (value) => `${value}${byte(0xc0)}${byte(0xaf)}..`,
  'half a character': (value) => `${value}${byte(0xed)}${byte(0xa0)}${byte(0x80)}`,
  emoji: (value) => `👩🏽‍🚒${value}\u202e`,
  markup: (value) => `${value}${markup}`,
  template: (value) => `<%= 7*7 %>${value}{{7*7}}\${7*7}`,
  quote: (value) => `${value}' OR '1'='1' --`,
  'encoded twice': (value) => encodeURIComponent(encodeURIComponent(value.toWellFormed())),
  'as JSON': (value) => JSON.stringify({ value }),
  'as a list': (value) => JSON.stringify([value]),
  '255 long': (value) => value.padEnd(255, 'x'),
  '257 long': (value) => value.padEnd(257, 'x'),
  '1025 long': (value) => value.padEnd(1025, 'x'),
  '5000 long': (value) => value.padEnd(5000, 'x'),
  '17000 long': (value) => value.padEnd(17_000, 'x'),
  '60000 long': (value) => value.padEnd(60_000, 'x'),
};

const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
const acr = (inner: string) => `{"id_token":{"acr":${inner}}}`;
const home = 'http://127.0.0.1:45454';

/** What a parameter may be, beside what it is. */
export const dictionary: Record<string, string[]> = {
  client_id: [
    'demo-native',
    'demo-plus',
    'demo-library',
    'demo-web',
    'signer',
    'asserter',
    'web',
    'nobody',
    '__proto__',
  ],
  redirect_uri: [
    ...[`${home}/callback`, 'http://127.0.0.1:1/callback', 'http://127.0.0.1/callback', 'https://web.example/callback'],
    ...['https://web.example/callback/', 'https://web.example/callback?x=1', 'https://WEB.example/callback'],
    ...[
      'https://web.example:443/callback',
      'https://web.example.evil.example/callback',
      'https://web.example@evil.example/',
    ],
    ...['https://evil.example/', '//evil.example/', '/\\evil.example/', 'https:evil.example', 'javascript:alert(1)'],
    ...[
      `${home}/callback#x`,
      `${home}/callback?x=1`,
      `${home}/callback/../evil`,
      `${home}/callback%2f..`,
      `${home}//callback`,
    ],
    ...[
      'http://user@127.0.0.1/callback',
      'http://127.0.0.1:45454@evil.example/callback',
      'http://evil.example#@127.0.0.1/',
    ],
    ...[
      'http://[::1]:45454/callback',
      'http://[::ffff:127.0.0.1]/callback',
      'http://127.1/callback',
      'http://2130706433/callback',
    ],
    ...['http://127.0.0.1.evil.example/callback', 'http://localhost:45454/callback', 'http://127。0。0。1/callback'],
    ...[
      'https://wéb.example/callback',
      'https://web.example\\@evil.example/callback',
      'http://127.0.0.1:99999/callback',
    ],
    ...['‹canary›', '‹issuer›/auth', '‹issuer›/callback', 'data:text/html,x', 'hu.example.app:/callback', '*'],
  ],
  response_type: ['code', 'token', 'code id_token', 'none', 'id_token token', 'code code'],
  response_mode: ['query', 'fragment', 'form_post', 'jwt', 'query.jwt', 'web_message', 'okay'],
  scope: [
    'openid',
    'openid profile email',
    'openid offline_access',
    'openid admin',
    'profile',
    'openid tax.read',
    'openid\u00a0email',
  ],
  prompt: ['none', 'login', 'consent', 'select_account', 'none login', 'login consent select_account', 'create'],
  max_age: ['0', '1', '100000', '-1', '1e9', 'NaN', '0x10', '9007199254740993', '1.5'],
  acr_values: ['plus', 'basic', 'gold', 'basic plus', 'plus basic', '__proto__', 'plus '.repeat(500)],
  claims: [
    ...[
      acr('{"essential":true,"value":"plus"}'),
      acr('{"essential":true,"values":["basic","plus"]}'),
      acr('{"value":1}'),
    ],
    ...[acr('{"values":[null,{},["plus"]]}'), acr('"plus"'), acr(nested(50)), '{"id_token":{"sub":{"value":"x"}}}'],
    ...['{"userinfo":{"email":null,"__proto__":{"essential":true}}}', '{"__proto__":{"id_token":{"acr":null}}}'],
    ...['{"id_token":{"auth_time":{"essential":true}}}', '[]', 'null', '"x"', '{', nested(900), '{"id_token":[1]}'],
    ...[
      '{"id_token":{"constructor":null,"toString":{"value":"x"}}}',
      '{"id_token":{"sid":{"essential":true,"values":[]}}}',
    ],
  ],
  code_challenge: ['‹challenge›', 'short', 'a'.repeat(128), 'a'.repeat(129), 'ä'.repeat(43)],
  code_challenge_method: ['S256', 'plain', 's256'],
  request: [
    ...[
      '‹request right›',
      '‹request plus›',
      '‹request none›',
      '‹request of another key›',
      '‹request by the public key›',
    ],
    ...[
      '‹request with jku›',
      '‹request with x5u›',
      '‹request of another client›',
      '‹request expired›',
      '‹request nested›',
    ],
    ...['‹request elsewhere›', 'a.b.c', 'eyJhbGciOiJub25lIn0.e30.', '....', '{}'],
  ],
  request_uri: [
    '‹pushed›',
    '‹pushed by another›',
    'urn:ietf:params:oauth:request_uri:x',
    '‹canary›',
    'file:///etc/passwd',
  ],
  id_token_hint: ['‹id token›', "‹another's id token›", '‹id token, unsigned›', 'a.b.c', '‹access token›'],
  login_hint: ['anna', 'john', 'nobody', 'x'.repeat(2000)],
  ui_locales: ['hu', 'en', 'xx', 'hu en '.repeat(200), '../../hu'],
  display: ['page', 'popup'],
  resource: ['‹api›', 'https://api.example/', 'urn:x', '‹issuer›', 'http://x/#y'],
  dpop_jkt: ['x'.repeat(43)],
  registration: ['{}'],
  state: ['s', 'x'.repeat(4000), '\u2028'],
  nonce: ['n'],
  grant_type: [
    'authorization_code',
    'refresh_token',
    'client_credentials',
    'password',
    '‹jwt bearer›',
    '__proto__',
    'implicit',
  ],
  code: ['‹code›', "‹another's code›", '‹used code›', '‹refresh token›', 'x'.repeat(43)],
  code_verifier: ['‹verifier›', 'v'.repeat(43), 'short', 'x'.repeat(129)],
  refresh_token: ['‹refresh token›', "‹another's refresh token›", '‹code›', 'x'.repeat(43)],
  client_secret: ['‹secret›', "‹another's secret›", 'a secret of nobody at all, long enough'],
  client_assertion: [
    ...[
      '‹assertion›',
      '‹assertion used›',
      '‹assertion none›',
      '‹assertion for elsewhere›',
      '‹assertion of another key›',
    ],
    ...['‹assertion with jku›', 'a.b.c', 'eyJhbGciOiJub25lIn0.e30.'],
  ],
  client_assertion_type: [
    'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    'urn:ietf:params:oauth:client-assertion-type:saml2-bearer',
    'x',
  ],
  token: ['‹access token›', '‹refresh token›', '‹id token›', "‹another's access token›", '‹jwt access token›', 'a.b.c'],
  token_type_hint: ['access_token', 'refresh_token', 'x', 'constructor'],
  access_token: ['‹access token›'],
  post_logout_redirect_uri: [
    'http://127.0.0.1/',
    'http://127.0.0.1:7/',
    'https://web.example/',
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '‹canary›',
  ],
  xsrf: ['‹xsrf›', "‹another's xsrf›", 'x'],
  logout: ['yes', '1', ''],
  username: ['anna', 'john', 'bela', 'ANNA', ' anna ', 'nobody', 'anna@demo.example'],
  password: ['‹password›', 'a wrong password', '‹password› '],
  resend: ['1'],
  cancel: ['1'],
  decline: ['1'],
  allow: ['1'],
  another: ['1'],
};

const names = Object.keys(dictionary);
/** Values that have to look like secrets, for the search of the log: they get nothing from other fields. */
export const kept = ['password', 'client_secret', 'client_assertion', 'code'];

const strange = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '__proto__[x]',
  'constructor[prototype][x]',
];
const endings = ['[]', '[0]', '[a]', '[__proto__]', '.x', '\0', ' ', '%5B%5D'];

const headerLines: [string, string[]][] = [
  [
    'content-type',
    [
      'application/json',
      'text/plain',
      'multipart/form-data; boundary=x',
      'application/x-www-form-urlencoded; charset=utf-7',
      'application/x-www-form-urlencoded;charset=UTF-8',
      'nonsense',
      '',
      'application/x-www-form-urlencoded, text/plain',
    ],
  ],
  [
    'authorization',
    [
      '‹basic›',
      "‹another's basic›",
      '‹basic wrong›',
      'Basic !!!',
      'Basic',
      'Basic Og==',
      'basic ‹basic raw›',
      'Bearer ‹access token›',
      "Bearer ‹another's access token›",
      'Bearer',
      'DPoP ‹access token›',
      'Bearer ‹id token›',
      'Bearer a b',
      'Negotiate x',
      '',
    ],
  ],
  ['origin', ['null', 'https://evil.example', '‹issuer›', 'http://localhost', '', 'http://127.0.0.1']],
  ['sec-fetch-site', ['cross-site', 'same-site', 'same-origin', 'none', 'x']],
  ['accept', ['application/json', 'text/html', '*/*;q=0', 'nonsense', 'text/html;q=x, application/json;q=0.5', '']],
  ['accept-language', ['hu', 'en-GB,hu;q=0.5', 'x'.repeat(3000), '*', '../..', 'hu;q=1e9']],
  ['accept-encoding', ['gzip', 'identity;q=0', '*;q=0', 'br']],
  ['host', ['evil.example', '127.0.0.1', '', '‹host›.', '‹host›@evil.example', '[::1]']],
  ['x-forwarded-host', ['evil.example']],
  ['x-forwarded-proto', ['https']],
  ['x-forwarded-for', ['1.2.3.4', 'x, y']],
  ['forwarded', ['host=evil.example;proto=https']],
  ['x-original-url', ['/admin']],
  ['x-http-method-override', ['DELETE', 'TRACE']],
  ['content-encoding', ['gzip', 'br', 'identity', 'nonsense', 'deflate']],
  ['range', ['bytes=0-1', 'bytes=-1,5-']],
  ['if-none-match', ['*']],
  ['dpop', ['a.b.c', '‹dpop›']],
  ['user-agent', ['', '<i>fuzz', 'x'.repeat(5000), '\u00e9\u00ff', '{"level":"info"}']],
  ['referer', ['https://evil.example/?code=x']],
  [
    'cookie',
    [
      '',
      '=',
      ';;;',
      'kapu-session',
      'kapu-session=;kapu-session=',
      '__proto__=1; constructor=2',
      `a=${'x'.repeat(5000)}`,
    ],
  ],
];

const at = fc.nat(12);
const from = <T>(all: readonly T[]) => fc.constantFrom(...all);
const known = from(names).chain((name) =>
  dictionary[name]!.length > 0 ? fc.tuple(fc.constant(name), from(dictionary[name]!)) : fc.constant<Field>([name, 'x']),
);

const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 2, arbitrary: known.map(([name, value]) => ({ change: 'set' as const, name, value })) },
  {
    weight: 3,
    arbitrary: fc.record({
      change: fc.constant('twice' as const),
      at,
      value: fc.option(from(['', 'x', 'plus']), { nil: undefined }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ change: fc.constant('drop' as const), at }) },
  {
    weight: 2,
    arbitrary: fc.record({ change: fc.constant('rename' as const), at, to: from([...strange, ...endings]) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ change: fc.constant('tamper' as const), at, how: from(Object.keys(tamperings)) }),
  },
  { weight: 1, arbitrary: fc.record({ change: fc.constant('swap' as const), at, with: at }) },
  { weight: 1, arbitrary: fc.record({ change: fc.constant('move' as const), at }) },
  {
    weight: 4,
    arbitrary: from(headerLines).chain(([name, all]) =>
      from(all).map((value) => ({ change: 'header' as const, name, value })),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      change: fc.constant('method' as const),
      to: from(['GET', 'POST', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND', 'QUERY']),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      change: fc.constant('path' as const),
      to: from(['/', '//', '/x', '/..', '/%2e%2e/', '%00', '/../auth', '?', ';x=1', '/confirm', '/delivery']),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      change: fc.constant('splice' as const),
      at: fc.nat(400),
      text: from(['%', '%zz', '%00', '%ff', '&', '=', '&&', '+', ';', '%0d%0a', '[', '%u0041', 'é']),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      change: fc.constant('cookies' as const),
      how: from(['none', "another's", 'cut short', 'garbled', 'one of each', 'mixed', 'unsigned']),
    }),
  },
);

/** The value of the field `name` out of its dictionary: what is right at first. */
export const anyOf = (name: string): fc.Arbitrary<string> => from(dictionary[name]!);

/** A right request of `base` with up to four changes, mostly one or two. Fields named in `choose` take any value of theirs first. */
export function inputs(base: fc.Arbitrary<Base>, choose: string[] = []): fc.Arbitrary<Input> {
  const chosen: fc.Arbitrary<Change> =
    choose.length === 0
      ? change
      : from(choose).chain((name) => anyOf(name).map((value): Change => ({ change: 'set' as const, name, value })));
  const changes = fc.array(
    fc.oneof({ weight: 3, arbitrary: change }, { weight: choose.length > 0 ? 4 : 0, arbitrary: chosen }),
    { maxLength: 4 },
  );
  return fc.record({ base, changes });
}
