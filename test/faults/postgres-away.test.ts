/** PostgreSQL is away or silent: nobody gets in by it, answers say so, and it passes by itself (ASVS 16.5.2). */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { atCodePage, credentials, signIn, silently, stepOf } from '../flow/journey.ts';
import { expectReference } from '../security/answers.ts';
import { type Page, textOf } from '../support/agent.ts';
import { eventually } from '../support/eventually.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import type { RelyingParty } from '../support/relying-party.ts';

let postgres: PostgresServer;
let kapu: TestKapu;
let service: RelyingParty;

beforeAll(async () => {
  postgres = await startPostgres();
  const url = await postgres.createDatabase();
  kapu = await startKapu({
    change(settings) {
      roomy(settings);
      settings.password.triesPerAccount = 2;
      settings.records = { kind: 'postgres', url, connections: 4, queryPatience: 500 };
    },
  });
  service = await kapu.service();
}, 40_000);
afterAll(async () => {
  expect(await kapu?.leaks()).toEqual([]);
  await kapu?.stop();
  await postgres?.stop();
});

function expectUnavailable(page: Page): void {
  expect(page.status).toBe(503);
  expect(Number(page.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(textOf(page)).toContain('Signing in is not available right now');
  expectReference(kapu, page);
}

const refresh = (refresh_token: string) =>
  fetch(`${kapu.issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'refresh_token', client_id: 'demo-native', refresh_token }),
  });

const faults: [string, () => Promise<void> | void, () => Promise<void> | void][] = [
  ['away', () => postgres.down(), () => postgres.restart()],
  ['silent', () => postgres.pause(), () => postgres.resume()],
];

describe.each(faults)('while PostgreSQL is %s', (_kind, begin, end) => {
  test('people hear 503, services temporarily_unavailable; sign-ins that were begun go on afterwards', async () => {
    const signedIn = kapu.agent();
    const { tokens } = await signIn(kapu, service, signedIn, { scope: 'openid offline_access', prompt: 'consent' });
    const waiting = kapu.agent();
    const { page } = await service.visit(waiting);
    const code = await atCodePage(kapu, service, 'john');
    const sent = await kapu.codeFor(code.page);

    await begin();
    try {
      // More often than there are tries: none of them counts.
      for (let tries = 0; tries < 3; tries++) expectUnavailable(await waiting.submit(page, credentials('anna')));
      expectUnavailable(await code.agent.get(code.page.url));
      expectUnavailable((await service.visit(signedIn)).page);
      const refused = await refresh(tokens.refresh_token!);
      expect([refused.status, await refused.json()]).toMatchObject([503, { error: 'temporarily_unavailable' }]);
      expect((await fetch(`${kapu.operations}/health/live`)).status).toBe(200);
      expect((await fetch(`${kapu.operations}/health/ready`)).status).toBe(503);
    } finally {
      await end();
    }

    await eventually('ready again', async () => (await fetch(`${kapu.operations}/health/ready`)).status === 200);
    expect(stepOf(await waiting.submit(page, credentials('anna')))).toBe('service');
    expect(stepOf(await code.agent.submit(code.page, { code: sent }))).toBe('service');
    // What was refused was not used up.
    expect((await refresh(tokens.refresh_token!)).status).toBe(200);
    expect(await silently(service, signedIn)).toMatchObject({ claims: { acr: 'basic' } });
  }, 40_000);
});
