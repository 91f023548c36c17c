/** Nonces that a deployment requires (RFC 9449, 8), and that every one of its processes knows. */

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { walk } from '../../flow/journey.ts';
import { roomy, startKapu, type TestKapu } from '../../support/kapu.ts';
import { Client, codeOn, makeKeys } from '../client.ts';

const keys = makeKeys();
const dpop = makeKeys();
const redirectUri = 'https://rp.example/callback';
let one: TestKapu;
let other: TestKapu;

beforeAll(async () => {
  const start = () =>
    startKapu({
      change(settings) {
        roomy(settings);
        settings.dpop = { nonces: 'required' };
      },
    });
  [one, other] = [await start(), await start()];
  for (const kapu of [one, other])
    await kapu.records.clients.put('fapi', {
      ...{ profile: 'high', client_name: 'FAPI', client_uri: 'https://rp.example/', redirect_uris: [redirectUri] },
      ...{ token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [keys.jwk] }, dpop_bound_access_tokens: true },
    });
});
afterAll(async () => {
  for (const kapu of [one, other]) await kapu.stop();
});

const clientOf = ({ issuer }: TestKapu) => new Client({ issuer, clientId: 'fapi', redirectUri, keys, dpop });
async function codeAt(kapu: TestKapu): Promise<string> {
  const agent = kapu.agent();
  return codeOn((await walk(kapu, agent, await clientOf(kapu).visit(agent))).page);
}

test('a proof without one is refused, and told which to use; the code is not lost by that', async () => {
  const client = clientOf(one);
  const code = await codeAt(one);
  const refused = await client.redeem(code);
  expect(refused.body.error).toBe('use_dpop_nonce');
  const nonce = refused.headers.get('dpop-nonce')!;
  const { status, body } = await client.redeem(code, { proof: { claims: { nonce } } });
  expect(status).toBe(200);
  const token = String(body.access_token);
  const unfresh = await client.userinfo(token);
  expect(unfresh.status).toBe(401);
  expect(unfresh.headers.get('www-authenticate')).toContain('use_dpop_nonce');
  expect((await client.userinfo(token, { proof: { claims: { nonce } } })).status).toBe(200);
});

test('a nonce of one process is good at another with the same secrets', async () => {
  const nonce = (await clientOf(one).redeem('none')).headers.get('dpop-nonce')!;
  const answer = await clientOf(other).redeem(await codeAt(other), { proof: { claims: { nonce } } });
  expect(answer.status).toBe(200);
});
