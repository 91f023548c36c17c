/** The same demand, however it travels: in the address, pushed (RFC 9126), in a signed request object (RFC 9101), or both. */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT, UnsecuredJWT } from 'jose';
import { type Agent, textOf } from '../support/agent.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { errorOf, signIn, stepOf, walk } from './journey.ts';

let kapu: TestKapu;
let service: RelyingParty;
let privateKey: JWK;
const clientId = 'signer';
const secret = 'signer-secret-0123456789abcdef-0123';

beforeAll(async () => {
  kapu = await startKapu({ change: roomy });
  const pair = await generateKeyPair('ES256', { extractable: true });
  privateKey = await exportJWK(pair.privateKey);
  await kapu.records.clients.put(clientId, {
    client_name: 'Signer',
    client_uri: 'http://localhost/',
    application_type: 'native',
    redirect_uris: ['http://127.0.0.1/callback'],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    client_secret: secret,
    jwks: { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'signer', use: 'sig', alg: 'ES256' }] },
  });
  service = await kapu.service({ clientId, secret });
});
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
});

const basicAuth = { authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}` };

async function push(parameters: URLSearchParams): Promise<Response> {
  return fetch(`${kapu.issuer}/request`, { method: 'POST', headers: basicAuth, body: parameters });
}

async function signed(parameters: URLSearchParams): Promise<string> {
  const { claims, max_age, ...texts } = Object.fromEntries(parameters);
  const payload = {
    ...texts,
    ...(claims && { claims: JSON.parse(claims) }),
    ...(max_age && { max_age: Number(max_age) }),
  };
  return new SignJWT(payload)
    .setProtectedHeader({ alg: 'ES256', kid: 'signer' })
    .setIssuer(clientId)
    .setAudience(kapu.issuer)
    .setIssuedAt()
    .setExpirationTime('1m')
    .sign(await importJWK(privateKey, 'ES256'));
}

/** How a request with these parameters travels: gives what stays in the address. */
const carriers: Record<string, (parameters: URLSearchParams) => Promise<Record<string, string>>> = {
  'in the address': async (parameters) => Object.fromEntries(parameters),
  pushed: async (parameters) => {
    const { request_uri } = (await (await push(parameters)).json()) as { request_uri: string };
    return { client_id: clientId, request_uri };
  },
  'in a signed request object': async (parameters) => ({ client_id: clientId, request: await signed(parameters) }),
  'in a pushed signed request object': async (parameters) => {
    const answer = await push(new URLSearchParams({ client_id: clientId, request: await signed(parameters) }));
    return { client_id: clientId, request_uri: ((await answer.json()) as { request_uri: string }).request_uri };
  },
};

const claim = (acr: object) => ({ claims: JSON.stringify({ id_token: { acr } }) });

describe.each(Object.keys(carriers))('%s', (carrier) => {
  async function outcome(agent: Agent, parameters: Record<string, string>, username?: string): Promise<string[]> {
    const asked = await service.ask(parameters);
    const address = await carriers[carrier]!(asked.url.searchParams);
    const page = await agent.get(`/auth?${new URLSearchParams(address)}`);
    const walked = await walk(kapu, agent, page, username);
    const error = errorOf(walked.page);
    return [...walked.steps, error ?? String((await asked.redeem(walked.page.url)).claims.acr)];
  }

  test.each<[string, Record<string, string>, string, string[]]>([
    ['nothing asked', {}, 'anna', ['password', 'basic']],
    ['acr_values', { acr_values: 'plus' }, 'anna', ['password', 'email-code', 'plus']],
    ['an essential value', claim({ essential: true, value: 'plus' }), 'anna', ['password', 'email-code', 'plus']],
    [
      'an essential value beside weaker acr_values',
      { ...claim({ essential: true, value: 'plus' }), acr_values: 'basic' },
      'anna',
      ['password', 'email-code', 'plus'],
    ],
    ['voluntary values', claim({ values: ['plus', 'basic'] }), 'bela', ['password', 'basic']],
    ['a level that is out of reach', { acr_values: 'plus' }, 'bela', ['password', 'unmet_authentication_requirements']],
    ['unknown values', { acr_values: 'gold' }, 'anna', ['unmet_authentication_requirements']],
    ['silence without a session', { prompt: 'none' }, 'anna', ['login_required']],
  ])('%s', async (_, parameters, username, expected) => {
    expect(await outcome(kapu.agent(), parameters, username)).toEqual(expected);
  });

  test('max_age and prompt=login start anew', async () => {
    const agent = kapu.agent();
    await signIn(kapu, service, agent);
    expect(await outcome(agent, { max_age: '1000' })).toEqual(['basic']);
    expect(await outcome(agent, { max_age: '0' })).toEqual(['password', 'basic']);
    expect(await outcome(agent, { prompt: 'login' })).toEqual(['password', 'basic']);
  });
});

describe('what has to begin anew because the browser signed out meanwhile', () => {
  test.each(Object.keys(carriers))('%s: is asked as it was', async (carrier) => {
    const agent = kapu.agent();
    await signIn(kapu, service, agent);
    const asked = await service.ask(claim({ essential: true, value: 'plus' }));
    const address = await carriers[carrier]!(asked.url.searchParams);
    const page = await agent.get(`/auth?${new URLSearchParams(address)}`);
    expect(stepOf(page)).toBe('email-code');
    await agent.submit(await agent.get('/session/end'), { logout: 'yes' });

    const anew = await agent.get(page.url);
    const sentTo = new URL(anew.through.find((url) => new URL(url).pathname === '/auth')!);
    const inAddress = [...sentTo.searchParams.keys()];
    if (carrier === 'in the address') expect(inAddress).toContain('claims');
    else expect(inAddress).toEqual(['client_id', 'request_uri']);
    const walked = await walk(kapu, agent, anew);
    expect(walked.steps).toEqual(['password', 'email-code']);
    expect((await asked.redeem(walked.page.url)).claims.acr).toBe('plus');
  });
});

describe('a request larger than any service needs', () => {
  const padding = { claims: JSON.stringify({ userinfo: { padding: { value: 'x'.repeat(13_000) } } }) };

  test.each(['pushed', 'in the address'])('%s: is refused, and nothing is stored', async (carrier) => {
    const { searchParams } = (await service.ask(padding)).url;
    if (carrier === 'pushed') {
      const answer = await push(searchParams);
      expect([answer.status, await answer.json()]).toMatchObject([400, { error: 'invalid_request' }]);
    } else {
      const page = await kapu.agent().get(`/auth?${searchParams}`);
      expect(errorOf(page)).toBe('invalid_request');
    }
  });
});

describe('a request object', () => {
  const refusal = async (request: string) => {
    const page = await kapu.agent().get(`/auth?${new URLSearchParams({ client_id: clientId, request })}`);
    return page.url.searchParams.get('error') ?? /invalid_request_object/.exec(page.html)?.[0];
  };
  const parameters = async () => (await service.ask({ acr_values: 'basic' })).url.searchParams;

  test('without a signature is refused', async () => {
    const unsigned = new UnsecuredJWT(Object.fromEntries(await parameters()))
      .setIssuer(clientId)
      .setAudience(kapu.issuer)
      .encode();
    expect(await refusal(unsigned)).toBe('invalid_request_object');
  });

  test('signed by somebody else is refused', async () => {
    const stranger = await generateKeyPair('ES256');
    const forged = await new SignJWT(Object.fromEntries(await parameters()))
      .setProtectedHeader({ alg: 'ES256', kid: 'signer' })
      .setIssuer(clientId)
      .setAudience(kapu.issuer)
      .setExpirationTime('1m')
      .sign(stranger.privateKey);
    expect(await refusal(forged)).toBe('invalid_request_object');
  });

  test('decides alone: what stands beside it in the address does not weaken it', async () => {
    const asked = await service.ask(claim({ essential: true, value: 'plus' }));
    const request = await signed(asked.url.searchParams);
    const agent = kapu.agent();
    const page = await agent.get(
      `/auth?${new URLSearchParams({ client_id: clientId, request, acr_values: 'basic', claims: '{}' })}`,
    );
    const walked = await walk(kapu, agent, page);
    expect((await asked.redeem(walked.page.url)).claims.acr).toBe('plus');
  });
});

describe('a pushed request', () => {
  test('is used once', async () => {
    const asked = await service.ask();
    const { request_uri } = (await (await push(asked.url.searchParams)).json()) as { request_uri: string };
    const address = `/auth?${new URLSearchParams({ client_id: clientId, request_uri })}`;
    const agent = kapu.agent();
    await walk(kapu, agent, await agent.get(address));
    // Where the answer was to go stood in what was pushed, which is gone: the page leads back.
    const again = await agent.get(address);
    expect([again.status, textOf(again)]).toEqual([400, expect.stringContaining('invalid_request_uri')]);
    expect(textOf(again)).toContain('Back to Signer');
  });

  test('from somebody who is not the client is refused', async () => {
    const asked = await service.ask();
    const answer = await fetch(`${kapu.issuer}/request`, { method: 'POST', body: asked.url.searchParams });
    expect(answer.status).toBe(401);
  });
});
