import { describe, expect, test } from '@jest/globals';
import { parseClient } from '../../src/oidc/clients/metadata.ts';
import { deviceGrant, imposedBy, profileNameOf } from '../../src/oidc/clients/profiles.ts';

const surroundings = {
  levels: [{ name: 'basic', anyOf: [['password']], maxAge: {}, aliases: [] }],
  methods: ['password'],
  resources: { 'https://api.example.hu/': { scopes: ['tax.read'], accessToken: 'jwt' as const } },
  mtls: { header: 'client-cert' },
};
const named = { client_id: 'tax', client_name: 'Adóbevallás' };
const signsIn = {
  ...named,
  client_uri: 'https://tax.example.hu/',
  redirect_uris: ['https://tax.example.hu/callback'],
};
const jwks = { keys: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y' }] };
const signs = { token_endpoint_auth_method: 'private_key_jwt', jwks };
const high = { ...signsIn, ...signs, profile: 'high', dpop_bound_access_tokens: true };
const service = { ...named, ...signs, profile: 'service', resources: ['https://api.example.hu/'] };

/** Path, problem and hint of all that is wrong. */
function wrong(json: object): string[] {
  const parsed = parseClient(json, surroundings);
  return parsed.ok ? [] : parsed.problems.map(({ path, problem, hint }) => `${path}: ${problem}; ${hint}`);
}

describe('a client that has what its profile demands', () => {
  test.each<[string, object]>([
    ['standard, with a secret in the header', { ...signsIn, profile: 'standard' }],
    ['standard, with a secret in the body', { ...signsIn, token_endpoint_auth_method: 'client_secret_post' }],
    ['standard, with bound tokens', { ...signsIn, ...signs, dpop_bound_access_tokens: true }],
    ['public, in a browser', { ...signsIn, profile: 'public', token_endpoint_auth_method: 'none' }],
    [
      'public, on a telephone',
      {
        ...signsIn,
        ...{ profile: 'public', token_endpoint_auth_method: 'none', application_type: 'native' },
        redirect_uris: ['http://127.0.0.1/callback', 'hu.example.tax:/callback'],
        sector_identifier_uri: 'https://tax.example.hu/sector',
      },
    ],
    ['high', high],
    ['high-signed', { ...high, profile: 'high-signed', response_modes: ['jwt'] }],
    ['legacy', { ...signsIn, profile: 'legacy', token_endpoint_auth_method: 'client_secret_post' }],
    ['service', service],
  ])('%s', (_name, json) => {
    expect(wrong(json)).toEqual([]);
  });
});

describe('what a profile does not have is said, with what to change', () => {
  test.each<[object, string]>([
    [
      { ...signsIn, profile: 'standard', token_endpoint_auth_method: 'none' },
      "token_endpoint_auth_method: 'none' is not for profile 'standard'; set profile to 'public', or leave it out",
    ],
    [
      { ...signsIn, profile: 'public' },
      "token_endpoint_auth_method: 'client_secret_basic' is not for profile 'public'; set it to none",
    ],
    [
      { ...high, token_endpoint_auth_method: 'client_secret_basic' },
      "token_endpoint_auth_method: 'client_secret_basic' is not for profile 'high'; set it to private_key_jwt, tls_client_auth or self_signed_tls_client_auth",
    ],
    [
      { ...high, dpop_bound_access_tokens: undefined },
      "dpop_bound_access_tokens: is missing: profile 'high' has no bearer tokens; set it to true, or tls_client_certificate_bound_access_tokens",
    ],
    [
      { ...high, tls_client_certificate_bound_access_tokens: true },
      'dpop_bound_access_tokens: stands beside tls_client_certificate_bound_access_tokens; keep one',
    ],
    [
      { ...high, id_token_signed_response_alg: 'RS256' },
      "id_token_signed_response_alg: 'RS256' is not for profile 'high'; set it to ES256, PS256 or EdDSA",
    ],
    [
      { ...high, redirect_uris: ['http://localhost/callback'] },
      "redirect_uris[0]: is not https, which profile 'high' demands; use an https address",
    ],
    [
      { ...high, profile: 'high-signed', response_modes: ['query'] },
      "response_modes[0]: 'query' is not signed; set it to jwt, query.jwt or form_post.jwt",
    ],
    [
      { ...signsIn, ...signs, profile: 'legacy' },
      "token_endpoint_auth_method: 'private_key_jwt' is not for profile 'legacy'; set it to client_secret_basic or client_secret_post",
    ],
    [
      { ...service, scope: 'openid' },
      "scope: goes with people's sign-ins; leave it out: profile 'service' is for machines",
    ],
    [
      { ...service, redirect_uris: ['https://tax.example.hu/callback'] },
      "redirect_uris: goes with people's sign-ins; leave it out: profile 'service' is for machines",
    ],
    [
      { ...service, grant_types: ['authorization_code'] },
      "grant_types: holds more than 'client_credentials'; leave it out",
    ],
    [
      { ...service, resources: [] },
      'resources: is missing; name the APIs that the machine calls; the settings know them by these names',
    ],
  ])('%#', (json, problem) => {
    expect(wrong(json)).toEqual([problem]);
  });
});

describe('certificates', () => {
  const shows = { ...signsIn, profile: 'high', token_endpoint_auth_method: 'tls_client_auth' };
  const bound = { tls_client_certificate_bound_access_tokens: true };
  const named = { tls_client_auth_subject_dn: 'CN=tax' };
  const mtls = { header: 'client-cert', ca: 'ca.pem' };
  const problems = (json: object, known: object) => {
    const parsed = parseClient(json, { ...surroundings, ...known });
    return parsed.ok ? [] : parsed.problems.map(({ path, problem }) => `${path}: ${problem}`);
  };

  test('are for deployments that take them', () => {
    expect(problems({ ...shows, ...bound, ...named }, { mtls })).toEqual([]);
    expect(problems({ ...shows, ...bound, ...named }, { mtls: undefined })).toEqual([
      'tls_client_certificate_bound_access_tokens: needs certificates, of which the settings say nothing',
    ]);
    expect(problems({ ...shows, ...bound, ...named }, { mtls: { header: 'client-cert' } })).toEqual([
      'token_endpoint_auth_method: needs authorities',
    ]);
  });

  test('have one registered name, or are registered themselves', () => {
    expect(problems({ ...shows, ...bound }, { mtls })).toEqual(['tls_client_auth_subject_dn: is missing']);
    expect(problems({ ...shows, ...bound, ...named, tls_client_auth_san_dns: 'x' }, { mtls })).toEqual([
      'tls_client_auth_subject_dn: is not alone',
    ]);
    expect(problems({ ...high, ...named }, { mtls })).toEqual([
      'tls_client_auth_subject_dn: goes with tls_client_auth only',
    ]);
    const itself = { ...shows, ...bound, token_endpoint_auth_method: 'self_signed_tls_client_auth' };
    expect(problems(itself, { mtls })).toEqual(['jwks: is missing']);
  });
});

describe('the profile of a client that names none', () => {
  test('is public where it has nothing to authenticate with, else standard', () => {
    expect(profileNameOf({ token_endpoint_auth_method: 'none' })).toBe('public');
    expect(profileNameOf({ token_endpoint_auth_method: 'private_key_jwt' })).toBe('standard');
    expect(profileNameOf({})).toBe('standard');
  });

  test('changes nothing of it for the library but how it is answered', () => {
    const response_modes = ['query', 'fragment', 'form_post'];
    expect(imposedBy({ token_endpoint_auth_method: 'none' })).toEqual({ profile: 'public', response_modes });
    expect(imposedBy({})).toEqual({ profile: 'standard', response_modes });
    expect(imposedBy({ response_modes: ['jwt'] })).toEqual({ profile: 'standard' });
  });
});

test('what a profile demands holds whatever the stored file says', () => {
  const stored = { profile: 'high-signed', require_pushed_authorization_requests: false };
  expect({ ...stored, ...imposedBy(stored) }).toEqual({
    profile: 'high-signed',
    require_pushed_authorization_requests: true,
    require_signed_request_object: true,
    response_modes: ['jwt', 'query.jwt', 'form_post.jwt'],
  });
});

describe('devices', () => {
  const device = {
    client_id: 'tv',
    client_name: 'Television',
    client_uri: 'https://tv.example/',
    token_endpoint_auth_method: 'none',
    grant_types: [deviceGrant, 'refresh_token'],
    subject_type: 'public',
  };
  const where = (on: boolean) => ({ ...surroundings, deviceFlow: { enabled: on } });
  const paths = (json: object, on = true) => {
    const parsed = parseClient(json, where(on));
    return parsed.ok ? [] : parsed.problems.map(({ path }) => path);
  };

  test('need no redirect, and a public subject, where the flow is on', () => {
    expect(paths(device)).toEqual([]);
    expect(paths(device, false)).toEqual(['grant_types']);
    expect(paths({ ...device, subject_type: undefined })).toEqual(['subject_type']);
    expect(paths({ ...device, grant_types: ['authorization_code', deviceGrant] })).toEqual(['redirect_uris']);
    expect(paths({ ...device, profile: 'legacy', token_endpoint_auth_method: 'client_secret_post' })).toEqual([
      'grant_types[0]',
    ]);
  });
});
