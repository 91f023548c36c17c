/** No outcome without its entry: while the audit cannot be written, nothing is handed out (ASVS 16.5.2; rule 9). */

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Records, RecordsUnavailable } from '../../src/records/records.ts';
import { createSqliteRecords } from '../../src/records/sqlite.ts';
import { credentials, signIn, silently, stepOf } from '../flow/journey.ts';
import { startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';

let kapu: TestKapu;
let records: Records;
let service: RelyingParty;
/** Entries that cannot be written now. */
let lost: RegExp | undefined;

beforeAll(async () => {
  const whole = await createSqliteRecords({ file: ':memory:' });
  await whole.migrate();
  const append: Records['audit']['append'] = (entry) =>
    lost?.test(entry.event) ? Promise.reject(new RecordsUnavailable('away')) : whole.audit.append(entry);
  records = { ...whole, audit: { ...whole.audit, append } };
  kapu = await startKapu({
    records,
    change(settings) {
      settings.signUp = { enabled: true, asks: ['name'] };
    },
  });
  service = await kapu.service();
});
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
  await records.end();
});

async function without<T>(event: RegExp, work: () => Promise<T>): Promise<T> {
  lost = event;
  try {
    return await work();
  } finally {
    lost = undefined;
  }
}

test('a sign-in, a silent one, tokens and a sign-out wait for the audit; afterwards they go on', async () => {
  const agent = kapu.agent();
  const { page } = await service.visit(agent);
  const passed = await without(/^password\.passed$/, () => agent.submit(page, credentials('anna')));
  expect(passed.status).toBe(503);
  const completed = await without(/^sign-in\.completed$/, () => agent.submit(page, credentials('anna')));
  expect(completed.status).toBe(503);
  await signIn(kapu, service, agent);

  const silent = await without(/^sign-in\.silent$/, async () => (await service.visit(agent, { prompt: 'none' })).page);
  expect([silent.status, silent.through]).toEqual([503, []]);
  expect(await silently(service, agent)).toMatchObject({ claims: { acr: 'basic' } });

  const { asked, page: back } = await service.visit(agent, { prompt: 'none' });
  await expect(without(/^token\.issued$/, () => asked.redeem(back.url))).rejects.toMatchObject({
    cause: { status: 503 },
  });
  expect(await silently(service, agent)).toMatchObject({ claims: { acr: 'basic' } });

  const confirm = await agent.get('/session/end');
  const out = await without(/^sign-out\.completed$/, () => agent.submit(confirm, { logout: 'yes' }));
  expect(out.status).toBe(503);
});

test('a silent answer that is withheld holds no code, in its headers either', async () => {
  const agent = kapu.agent();
  await signIn(kapu, service, agent);
  const { asked } = await service.visit(agent, { prompt: 'none' });
  const headers = { cookie: await agent.jar.getCookieString(kapu.issuer), accept: 'text/html' };
  const answer = await without(/^sign-in\.silent$/, () => fetch(asked.url, { redirect: 'manual', headers }));
  expect([answer.status, answer.headers.get('location'), answer.headers.get('retry-after')]).toEqual([503, null, '5']);
  expect(await answer.text()).not.toContain('code=');
});

test('an account of one’s own is not there before its entry; the page can be sent again', async () => {
  const agent = kapu.agent();
  const { page } = await service.visit(agent, { prompt: 'create' });
  const atCode = await agent.submit(page, { email: 'dora@demo.example' });
  const form = await agent.submit(atCode, { code: await kapu.codeFor(atCode) });
  const chosen = 'ladder umbrella seventeen';
  const about = { username: 'dora', name: 'Kiss Dóra', 'new-password': chosen, repeat: chosen };
  const made = await without(/^account\.signed-up$/, () => agent.submit(form, about));
  expect([made.status, await records.accounts.findByUsername('dora')]).toEqual([503, undefined]);
  expect(stepOf(await agent.submit(form, about))).toBe('service');
});
