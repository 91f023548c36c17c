import { describe, expect, test } from '@jest/globals';
import { demoClients, demoSettings } from '../../config/demo.ts';
import { settingsSchema } from '../../config/settings.ts';
import { type ClientSurroundings, parseClient } from '../../src/oidc/clients/metadata.ts';

const levels = [
  { name: 'basic', anyOf: [['password']], maxAge: {}, aliases: [] },
  { name: 'plus', anyOf: [['password', 'email-code']], maxAge: {}, aliases: [{ name: 'two-factor' }] },
];
const surroundings = { levels, methods: ['password', 'email-code'] };

const good = {
  client_id: 'tax',
  client_name: 'Adóbevallás',
  client_uri: 'https://tax.example.hu/',
  redirect_uris: ['https://tax.example.hu/callback'],
};
const native = { ...good, application_type: 'native', token_endpoint_auth_method: 'none' };

/** Path and problem of all that is wrong. */
function wrong(json: unknown, known: ClientSurroundings = surroundings): string[] {
  const parsed = parseClient(json, known);
  return parsed.ok ? [] : parsed.problems.map(({ path, problem }) => `${path}: ${problem}`);
}

describe('a client that can be used', () => {
  test.each<[string, object]>([
    ['a web client', good],
    ['a native one on loopback', { ...native, redirect_uris: ['http://127.0.0.1/callback'] }],
    ['a native one with a scheme of its own', { ...native, redirect_uris: ['hu.example.app:/callback'] }],
    [
      'with names, level and methods',
      { ...good, 'client_name#en': 'Tax return', minimum_level: 'plus', default_acr_values: ['two-factor'] },
    ],
    ['with keys', { ...good, token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://tax.example.hu/jwks' }],
    [
      'on two hosts that share a sector',
      {
        ...good,
        redirect_uris: [...good.redirect_uris, 'https://b.example.hu/cb'],
        sector_identifier_uri: 'https://tax.example.hu/sector',
      },
    ],
  ])('%s', (_name, json) => {
    expect(parseClient(json, surroundings)).toEqual({ ok: true, client: json });
  });

  test("all of the demo's", () => {
    const settings = settingsSchema.parse(demoSettings({ port: 3000, smtpPort: 2525, folder: 'x' }));
    const known = { ...settings, methods: surroundings.methods };
    for (const client of demoClients(3000)) expect(wrong(client, known)).toEqual([]);
  });
});

describe('what cannot be used is said, with what to change', () => {
  test.each<[object, string]>([
    [{ redirect_uri: 'x' }, 'redirect_uri: there is no such key'],
    [{ client_id: 'tax return' }, 'client_id: must be 1 to 128 printable ASCII characters without spaces'],
    [{ client_name: undefined }, 'client_name: is missing'],
    [{ client_secret: 'short' }, 'client_secret: must be 32 to 255 printable ASCII characters'],
    [{ redirect_uris: [] }, 'redirect_uris: is an empty list'],
    [{ redirect_uris: ['/callback'] }, 'redirect_uris[0]: is not a whole address'],
    [{ redirect_uris: ['https://tax.example.hu/#a'] }, 'redirect_uris[0]: has a fragment'],
    [{ redirect_uris: ['https://tax.example.hu/*'] }, 'redirect_uris[0]: has a wildcard'],
    [{ redirect_uris: ['https://me@tax.example.hu/'] }, 'redirect_uris[0]: holds a user name'],
    [{ redirect_uris: ['http://tax.example.hu/'] }, 'redirect_uris[0]: is http, which anyone on the way can read'],
    [{ redirect_uris: ['hu.example.app:/cb'] }, 'redirect_uris[0]: is not a web address'],
    [{ ...native, redirect_uris: ['myapp:/cb'] }, 'redirect_uris[0]: has a scheme that any application could claim'],
    [
      { ...native, redirect_uris: ['javascript:alert(1)'] },
      'redirect_uris[0]: has a scheme that any application could claim',
    ],
    [{ ...native, redirect_uris: ['https://localhost/cb'] }, 'redirect_uris[0]: is https on a loopback address'],
    [
      { post_logout_redirect_uris: ['http://tax.example.hu/'] },
      'post_logout_redirect_uris[0]: is http, which anyone on the way can read',
    ],
    [
      { redirect_uris: ['https://a.example.hu/', 'https://b.example.hu/'] },
      'redirect_uris: are on several hosts, so that it is open which subject people get',
    ],
    [{ client_uri: undefined }, 'client_uri: is missing'],
    [{ initiate_login_uri: 'http://tax.example.hu/' }, 'initiate_login_uri: must be an https address'],
    [{ ...native, client_secret: 'x'.repeat(32) }, "client_secret: does not go with token_endpoint_auth_method 'none'"],
    [{ token_endpoint_auth_method: 'private_key_jwt' }, 'jwks_uri: is missing'],
    [
      { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [{ kty: 'EC', d: 'x' }] } },
      'jwks: holds a private key',
    ],
    [{ grant_types: ['implicit'] }, 'grant_types[0]: is not a known value'],
    [{ grant_types: ['client_credentials'] }, "grant_types[0]: 'client_credentials' is not for profile 'standard'"],
    [{ redirect_uris: undefined }, 'redirect_uris: is missing'],
    [{ id_token_encrypted_response_alg: 'ECDH-ES' }, 'id_token_encrypted_response_alg: has no key to encrypt to'],
    [
      { userinfo_encrypted_response_enc: 'A256GCM' },
      'userinfo_encrypted_response_enc: is given without userinfo_encrypted_response_alg',
    ],
    [{ id_token_encrypted_response_alg: 'RSA1_5' }, 'id_token_encrypted_response_alg: is not a known value'],
    [{ profile: 'hihg' }, 'profile: is not a known value'],
    [{ response_types: ['code', 'id_token'] }, 'response_types[1]: is not a known value'],
    [{ scope: 'openid profil' }, "scope: there is no scope 'profil'"],
    [{ scope: 'profile' }, "scope: lacks 'openid'"],
    [{ minimum_level: 'pluss' }, "minimum_level: there is no level 'pluss'"],
    [{ default_acr_values: ['high'] }, "default_acr_values: there is no level 'high'"],
    [{ excluded_methods: ['email'] }, "excluded_methods: there is no method 'email'"],
    [{ minimum_level: 'plus', excluded_methods: ['email-code'] }, 'excluded_methods: leaves nobody a way to sign in'],
    [{ first_party: 'yes' }, 'first_party: must be true or false'],
  ])('%j', (change, problem) => {
    expect(wrong({ ...good, ...change })).toEqual([problem]);
  });

  test('with the nearest name', () => {
    const parsed = parseClient({ ...good, minimum_levle: 'plus', redirect_uri: 'x' }, surroundings);
    expect(parsed).toMatchObject({
      problems: [{ hint: "did you mean 'minimum_level'?" }, { hint: "did you mean 'redirect_uris'?" }],
    });
  });

  test.each([[null], [[]], ['text'], [42]])('%j is no client', (json) => {
    expect(wrong(json)).toHaveLength(1);
  });
});
