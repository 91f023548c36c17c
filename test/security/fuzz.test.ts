/**
 * 10,000 requests made up from right ones: never a fault, an insight into the insides, a way to an address that nobody registered, or a
 * level that nobody proved. KAPU_SEED repeats a run that printed it, KAPU_SEED=random makes another.
 */

import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { signIn } from '../flow/journey.ts';
import { Judge } from './fuzz-judge.ts';
import { anyOf, type Base, type Input, inputs } from './fuzz-requests.ts';
import { type Answer, answersTo, hangUp, send } from './fuzz-wire.ts';
import { authenticated, clients, type Person, startWorld, verifier, type World } from './fuzz-world.ts';

const wish = process.env.KAPU_SEED ?? '42';
const seed = wish === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(wish);
/** Inputs of one try at most, sent into a place made for them: at once, or one after the other. */
const most = 10;

let world: World;
let judge: Judge;
let anna: Person;
let john: Person;

beforeAll(async () => {
  world = await startWorld();
  judge = new Judge(world);
}, 60_000);
// What one test has revoked or ended is another's no more.
beforeEach(async () => {
  [anna, john] = [await world.signedIn('anna'), await world.signedIn('john')];
});

afterAll(async () => {
  if (!world) return;
  hangUp();
  process.stdout.write(`\nfuzz, KAPU_SEED=${seed}: ${judge}\n`);
  await world.stop();
});

/** Sends `count` inputs out of `made` in batches, each into a place of its own. */
async function fuzz(
  count: number,
  made: fc.Arbitrary<Input>,
  place: () => Promise<Person>,
  who: (input: Input) => string,
  batch = most,
): Promise<void> {
  const together = fc.boolean();
  const property = fc.asyncProperty(
    fc.array(made, { minLength: batch, maxLength: batch, size: 'max' }),
    together,
    async (all, atOnce) => {
      const person = await place();
      const one = async (input: Input) => {
        const client = who(input);
        const fill = world.fill(person, person.values.uid ? john : anna === person ? john : anna, client);
        const sender = { origin: world.kapu.issuer, fill, cookies: new Map(person.cookies), others: john.cookies };
        await judge.judge(await send(input, sender), client, input);
      };
      if (atOnce) await Promise.all(all.map(one));
      else for (const input of all) await one(input);
    },
  );
  await fc.assert(property, { numRuns: count / batch, seed });
}

const clientOf = ({ base }: Input) => base.fields.find(([name]) => name === 'client_id')?.[1] ?? 'demo-web';
const anyClient = fc.constantFrom(...Object.keys(clients));
const limit = 300_000;
const here = async () => ({ ...anna, cookies: new Map(anna.cookies) });

const asked = [
  'redirect_uri',
  'claims',
  'acr_values',
  'prompt',
  'max_age',
  'scope',
  'request',
  'request_uri',
  'id_token_hint',
  'resource',
  'response_mode',
];
/** By POST there is no such endpoint: a few will do. */
const authorize = (method: 'GET' | 'POST') =>
  anyClient.map((client): Base => ({ method, path: '/auth', fields: world.request(client) }));

test.each(['GET', 'POST'] as const)(
  'authorization requests by %s',
  async (method) => {
    let turn = 0;
    const visitors = async () =>
      [world.stranger(), await here(), { ...john, cookies: new Map(john.cookies) }][turn++ % 3]!;
    await fuzz(method === 'GET' ? 1500 : 100, inputs(authorize(method), asked), visitors, clientOf);
  },
  limit,
);

test(
  'pushed requests',
  async () => {
    const pushes = anyClient.map((client) =>
      authenticated(client, { method: 'POST', path: '/request', fields: world.request(client) }),
    );
    await fuzz(1000, inputs(pushes, asked), here, clientOf);
  },
  limit,
);

test(
  'token requests',
  async () => {
    const owners = fc.constantFrom('demo-native', 'demo-native', 'demo-web', 'asserter', 'web');
    const grants = fc.constantFrom<Base['fields']>(
      [
        ['grant_type', 'authorization_code'],
        ['code', '‹code›'],
        ['code_verifier', verifier],
        ['redirect_uri', 'http://127.0.0.1:45454/callback'],
      ],
      [
        ['grant_type', 'refresh_token'],
        ['refresh_token', '‹refresh token›'],
      ],
      [
        ['grant_type', 'refresh_token'],
        ['refresh_token', '‹refresh token›'],
        ['scope', 'openid'],
      ],
    );
    const redemptions = fc
      .tuple(owners, grants)
      .map(([client, fields]) => authenticated(client, { method: 'POST', path: '/token', fields }));
    const choose = [
      'code',
      'refresh_token',
      'client_assertion',
      'client_secret',
      'scope',
      'resource',
      'grant_type',
      'redirect_uri',
    ];
    await fuzz(1500, inputs(redemptions, choose), () => world.signedIn('anna'), clientOf);
  },
  limit,
);

test.each([
  ['/token/introspection', 500],
  ['/token/revocation', 500],
])(
  '%s',
  async (path, count) => {
    const questions = fc.tuple(anyClient, anyOf('token')).map(([client, token]) =>
      authenticated(client, {
        method: 'POST',
        path,
        fields: [
          ['token', token],
          ['token_type_hint', 'access_token'],
        ],
      }),
    );
    const place = path.endsWith('revocation') ? () => world.signedIn('anna') : here;
    await fuzz(count, inputs(questions, ['token', 'token_type_hint', 'client_secret']), place, clientOf);
  },
  limit,
);

test(
  'userinfo',
  async () => {
    const methods = fc.constantFrom('GET' as const, 'POST' as const);
    const bearer = { authorization: 'Bearer ‹access token›', accept: 'application/json' };
    const questions = methods.map(
      (method): Base => ({ method, path: '/userinfo', fields: method === 'POST' ? [['x', 'y']] : [], headers: bearer }),
    );
    await fuzz(500, inputs(questions, ['access_token']), here, clientOf);
  },
  limit,
);

test.each(['GET', 'POST'] as const)(
  'signing out by %s',
  async (method) => {
    const ends = fc.oneof({ weight: 2, arbitrary: fc.constant('demo-native') }, anyClient).map(
      (client): Base => ({
        method,
        path: '/session/end',
        fields: [
          ['id_token_hint', '‹id token›'],
          ['client_id', client],
          ['post_logout_redirect_uri', clients[client]!.loggedOut],
          ['state', 's'],
        ],
      }),
    );
    await fuzz(
      method === 'GET' ? 900 : 100,
      inputs(ends, ['post_logout_redirect_uri', 'id_token_hint', 'client_id']),
      here,
      clientOf,
    );
  },
  limit,
);

test(
  'the form that asks whether to sign out',
  async () => {
    const forms = fc.constant<Base>({
      method: 'POST',
      path: '/session/end/confirm',
      fields: [
        ['xsrf', '‹xsrf›'],
        ['logout', 'yes'],
      ],
      headers: { origin: '‹issuer›' },
    });
    await fuzz(500, inputs(forms, ['xsrf', 'logout', 'post_logout_redirect_uri']), () => world.leaving(), clientOf);
  },
  limit,
);

const pages: [string, 'password' | 'email-code' | 'consent' | 'select-account', number, Base['fields'], string[]][] = [
  [
    'password',
    'password',
    900,
    [
      ['username', 'anna'],
      ['password', '‹password›'],
    ],
    ['username', 'password', 'cancel', 'decline'],
  ],
  ['email-code', 'email-code', 600, [['code', '0123456789']], ['resend', 'cancel', 'decline', 'username']],
  ['choose', 'email-code', 300, [['cancel', '1']], ['decline', 'cancel']],
  ['consent', 'consent', 500, [['allow', '1']], ['cancel', 'allow']],
  ['select-account', 'select-account', 500, [['another', '1']], ['cancel', 'another']],
];
test.each(pages)(
  'the form of the page %s',
  async (page, station, count, fields, choose) => {
    const path = fc.constantFrom(
      `/interaction/‹uid›/${page}`,
      `/interaction/‹uid›/${page}`,
      `/interaction/‹another's uid›/${page}`,
      `/interaction/‹uid›`,
    );
    const method = fc.constantFrom('POST' as const, 'POST' as const, 'POST' as const, 'GET' as const);
    const forms = fc
      .tuple(path, method)
      .map(([path, method]): Base => ({ method, path, fields, headers: { origin: '‹issuer›' } }));
    john.values.uid ??= (await world.at('email-code')).values.uid!;
    await fuzz(
      count,
      inputs(forms, choose),
      () => world.at(station),
      () => (station === 'consent' ? 'demo-library' : 'demo-native'),
      5,
    );
  },
  limit,
);

test(
  'paths, headers and bytes that are none of HTTP',
  async () => {
    const text = fc.string({
      unit: fc.constantFrom(..."/.%2e5c\\ab?&=#;:@~*+$!'()[]{}|^`\u00ff"),
      maxLength: 60,
    });
    const line = fc.tuple(
      fc.constantFrom('GET', 'GET', 'POST', 'POST', 'OPTIONS', 'get', 'CONNECT'),
      fc.constantFrom('/', '/auth', '/interaction/x/password', '//evil.example/', 'http://evil.example/', '*', ''),
      text,
      fc.constantFrom('HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0'),
    );
    const names = [
      'cookie',
      'accept',
      'accept-language',
      'user-agent',
      'content-length',
      'transfer-encoding',
      'expect',
      'upgrade',
      'host',
    ];
    const header = fc.tuple(
      fc.constantFrom(...names),
      fc.oneof(text, fc.constantFrom('chunked', '5', '-1', '100-continue', 'websocket')),
    );
    const raw = fc.tuple(line, fc.array(header, { maxLength: 4 }), text, fc.boolean());
    const { host } = new URL(world.kapu.issuer);
    const property = fc.asyncProperty(fc.array(raw, { minLength: most, maxLength: most, size: 'max' }), async (all) => {
      const sent = all.map(([[method, path, more, version], headers, body, withHost]) => {
        const lines = [`${method} ${path}${more} ${version}`, ...(withHost ? [`host: ${host}`] : [])];
        const rest = headers.map(([name, value]) => `${name}: ${value}`);
        return `${[...lines, ...rest, 'connection: close'].join('\r\n')}\r\n\r\n${body}`;
      });
      const answers = await Promise.all(sent.map((bytes) => answersTo(world.kapu.issuer, bytes)));
      for (const [n, answer] of answers.entries()) judge.judgeRaw(answer, sent[n]!);
    });
    await fc.assert(property, { numRuns: 500 / most, seed });
  },
  limit,
);

test.each<[string, Partial<Answer>]>([
  ['a fault', { status: 500 }],
  ['it tells of its insides', { body: 'Error: x\n    at read (file:///srv/kapu/src/app.ts:7:1)' }],
  ['sent to https://evil.example/', { headers: { location: 'https://evil.example/' } }],
  ['sent to http://127.0.0.1:1/callback/x', { headers: { location: 'http://127.0.0.1:1/callback/x?code=y' } }],
  ['sent to //evil.example', { headers: { location: '//evil.example' } }],
  ['a level that nobody proved', { headers: { 'content-type': 'application/json' }, body: '{"acr":"plus"}' }],
  ['markup was put in', { headers: { 'content-type': 'text/html' }, body: '<p title="x"><i>fuzz">' }],
  ['a header was put in', { headers: { 'x-injected': '1' } }],
])('the judge would see: %s', async (what, part) => {
  const answer = { asked: '', url: new URL('/auth', world.kapu.issuer), status: 200, headers: {}, body: '', ...part };
  const input: Input = { base: { method: 'GET', path: '/auth', fields: [] }, changes: [] };
  await expect(new Judge(world).judge(answer, 'demo-native', input)).rejects.toThrow(what);
});

/** What no run may lack: otherwise most of what was made up was turned away at the door. */
const reached: [RegExp, number][] = [
  [/^\/auth 303/, 500],
  [/^\/request 201/, 100],
  [/^\/token 200/, 50],
  [/^\/token\/introspection 200/, 100],
  [/^\/token\/revocation 200/, 100],
  [/^\/userinfo 200/, 50],
  [/^\/session\/end (200|303)/, 60],
  [/^\/session\/end\/confirm 303/, 20],
  [/^\/interaction\/password (303|422)/, 100],
  [/^\/interaction\/email-code 422/, 50],
  [/^\/interaction\/consent 303/, 50],
  [/^\/interaction\/select-account 303/, 50],
];

test('10,000 they were, and many got far', () => {
  expect(judge.count).toBeGreaterThanOrEqual(10_000);
  for (const [place, least] of reached) expect([place, judge.counted(place) >= least]).toEqual([place, true]);
});

test('after all that', async () => {
  expect(await judge.aftermath()).toEqual([]);
  const service = await world.kapu.service();
  expect((await signIn(world.kapu, service, world.kapu.agent())).claims.acr).toBe('basic');
});
