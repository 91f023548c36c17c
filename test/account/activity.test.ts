/** What has happened in somebody's account, in words; and "this was not me". */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { wordsOf } from '../../interactions/account/activity/activity.ts';
import { texts } from '../../interactions/account/activity/texts.ts';
import { methodFacts } from '../../interactions/methods.ts';
import { events } from '../../src/audit/events.ts';
import { signIn, silently } from '../flow/journey.ts';
import { textOf } from '../support/agent.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import { expectPage, visit } from './journey.ts';

/** Events that never concern a person: services', keys' and the records' own. */
const nobodys = /^(client|registration|keys|records|accounts)\./;

let kapu: TestKapu;

beforeAll(async () => {
  kapu = await startKapu({ change: roomy });
});
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
});

test.each(['hu', 'en'] as const)('everything that can concern a person has words: %s', (locale) => {
  const parts = { methods: methodFacts as never };
  const without = Object.keys(events).filter((event) => {
    const named = event.replace('METHOD', 'password');
    const words = wordsOf({ event: named, clientId: 'x', detail: { method: 'password' } }, locale, new Map(), parts);
    return !nobodys.test(event) && words === texts[locale].other;
  });
  expect(without).toEqual([]);
  expect(Object.keys(texts.hu.words).sort()).toEqual(Object.keys(texts.en.words).sort());
});

test('one’s own, the latest first, a page at a time; with notices that were not delivered', async () => {
  const agent = kapu.agent();
  await signIn(kapu, await kapu.service(), kapu.agent(), {}, 'john');
  const { page } = await visit(kapu, agent, '/account/activity');
  expectPage(page, '/account/activity');
  expect(textOf(page)).toContain('Sign-in to My account');
  expect(textOf(page)).not.toContain('Sample Phone App');
  const anna = (await kapu.records.accounts.findByUsername('anna'))!;
  for (let n = 0; n < 30; n++)
    await kapu.records.audit.append({
      at: new Date(),
      event: 'notice.failed',
      accountId: anna.id,
      detail: { kind: 'newBrowser', reason: '550 <script>' },
    });
  const full = await agent.get('/account/activity');
  expect(textOf(full).match(/A notice could not be delivered/g)).toHaveLength(25);
  expect(full.html).not.toContain('<script>');
  const [, older] = /href="([^"]*before=\d+)"/.exec(full.html)!;
  const rest = await agent.get(older!);
  expect(textOf(rest).match(/A notice could not be delivered/g)).toHaveLength(5);
  expect(textOf(rest)).toContain('Back to the latest');
  for (const odd of ['before=0', 'before=-1', 'before=x', 'before=1&before=2', `before=${'9'.repeat(30)}`])
    expectPage(await agent.get(`/account/activity?${odd}`), '/account/activity');
});

describe('this was not me', () => {
  test('says what it does, and does nothing until it is sent', async () => {
    const agent = kapu.agent();
    const { page } = await visit(kapu, agent, '/account/activity');
    const [, report] = /href="([^"]*entry=\d+)"/.exec(page.html)!;
    const asked = await agent.get(report!);
    expect(textOf(asked)).toContain('Was it not you?');
    expect((await kapu.records.accounts.findByUsername('anna'))?.hold).toBeUndefined();
    expectPage(await agent.submit(asked, {}), '/account/activity');
  });

  test('of somebody else’s entry names nothing of it', async () => {
    await signIn(kapu, await kapu.service(), kapu.agent(), {}, 'john');
    const john = (await kapu.records.accounts.findByUsername('john'))!;
    const [latest] = await kapu.records.audit.recent({ accountId: john.id, limit: 1 });
    const { page } = await visit(kapu, kapu.agent(), `/account/activity/report?entry=${latest!.id}`);
    expect(textOf(page)).not.toContain('This is about');
  });

  test('ends all sessions, and the mailbox counts for nothing', async () => {
    const service = await kapu.service();
    const other = kapu.agent();
    await signIn(kapu, service, other);
    const agent = kapu.agent();
    const { page } = await visit(kapu, agent, '/account/activity/report');
    const done = await agent.submit(page, { report: '1' });
    expect(done.status).toBe(200);
    for (const each of [agent, other]) expect(await silently(service, each)).toBe('login_required');
    const anna = (await kapu.records.accounts.findByUsername('anna'))!;
    expect(anna.hold).toEqual({ since: expect.any(Date) });
    const [latest] = await kapu.records.audit.recent({ accountId: anna.id, event: 'account.reported', limit: 1 });
    expect(latest?.detail).toEqual({ said: 'own-pages' });
    const again = kapu.agent();
    const overview = await visit(kapu, again);
    expect(textOf(overview.page)).toContain('Codes by email are not enough for the stronger sign-in now.');
    const held = await visit(kapu, again, '/account/methods/totp');
    expect(textOf(held.page)).toContain('It was reported that somebody else may have used your account');
    const unmet = await again.submit(held.page, { cancel: '1' });
    expect([unmet.status, textOf(unmet)]).toEqual([403, expect.stringContaining('stronger confirmation')]);
  });
});
