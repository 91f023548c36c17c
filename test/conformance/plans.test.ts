/** What the suite is given for each plan, tried at the Kapu that it is started with: its clients are known, by their keys and certificates. */

import { createPrivateKey } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { signingClients } from '../../config/conformance.ts';
import { freePort } from '../support/ports.ts';
import { Client, makeKeys } from './client.ts';
import { type ClientParts, configurationOf } from './suite/configuration.ts';
import { startConformanceKapu, testsAt } from './suite/kapu.ts';
import { plans } from './suite/plans.ts';
import { wire } from './wire.ts';

const suite = 'https://suite.example';

describe.each(Object.keys(signingClients) as (keyof typeof signingClients)[])('%s', (signing) => {
  const plan = plans.find(({ clients }) => clients === signing)!;

  test('pushes its requests, as first and as second client of the suite', async () => {
    const port = await freePort(2);
    const [issuer, mtls] = [`https://localhost:${port}`, `https://localhost:${port + 1}`];
    const kapu = await startConformanceKapu({ issuer, mtls, operationsPort: port + 2, suite, alias: 'kapu', signing });
    try {
      const configuration = configurationOf(plan, kapu.surroundings) as Record<string, Record<string, unknown>>;
      const { variant } = plan;
      const responseMode = variant.fapi_response_mode === 'jarm' ? 'jwt' : undefined;
      for (const which of ['', '2']) {
        const { client_id, jwks, scope } = configuration[`client${which}`] as {
          client_id: string;
          jwks: { keys: ClientParts['jwk'][] };
          scope: string;
        };
        const jwk = jwks.keys[0]!;
        const shown = configuration[`mtls${which}`] as { cert: string; key: string } | undefined;
        expect(shown !== undefined).toBe(variant.client_auth_type === 'mtls' || variant.sender_constrain === 'mtls');
        const keys = { alg: 'PS256', privateKey: createPrivateKey({ key: jwk as never, format: 'jwk' }), jwk };
        const client = new Client({
          issuer,
          clientId: client_id,
          redirectUri: `${testsAt(suite, 'kapu')}/callback${which && '?dummy1=lorem&dummy2=ipsum'}`,
          ...(variant.client_auth_type === 'private_key_jwt' && { keys }),
          ...(variant.sender_constrain === 'dpop' && { dpop: makeKeys() }),
          ...(variant.fapi_request_method === 'signed_non_repudiation' && { requests: keys }),
          fetch: wire({ ca: kapu.cert, ...(shown && { cert: shown.cert, key: shown.key }) }),
          ...(shown && { endpoints: { request: `${mtls}/request`, token: `${mtls}/token` } }),
        });
        const pushed = await client.push(client.parameters({ scope, response_mode: responseMode }));
        expect(pushed.body).toMatchObject({ request_uri: expect.stringMatching(/^urn:/) });
        // Known here too, and by nothing that the suite would not show: a code that there never was is all that is wrong.
        expect((await client.redeem('no-such-code')).body.error).toBe('invalid_grant');
      }
    } finally {
      await kapu.stop();
    }
  });
});

test('whoever registers itself does it with the token that the suite is given', async () => {
  const port = await freePort(2);
  const [issuer, mtls] = [`https://localhost:${port}`, `https://localhost:${port + 1}`];
  const kapu = await startConformanceKapu({ issuer, mtls, operationsPort: port + 2, suite, alias: 'kapu' });
  try {
    const plan = plans.find(({ clients }) => clients === 'registered')!;
    const { client } = configurationOf(plan, kapu.surroundings) as { client: Record<string, string> };
    const answer = await wire({ ca: kapu.cert })(`${issuer}/reg`, {
      method: 'POST',
      headers: { authorization: `Bearer ${client.initial_access_token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ client_name: client.client_name, redirect_uris: [`${testsAt(suite, 'kapu')}/callback`] }),
    });
    expect(answer.status).toBe(201);
  } finally {
    await kapu.stop();
  }
});

test('every plan has a name of its own, and clients with a reason for what is expected', () => {
  expect(new Set(plans.map(({ name }) => name)).size).toBe(plans.length);
  for (const { expected } of plans) for (const { reason } of expected) expect(reason).not.toBe('');
});
