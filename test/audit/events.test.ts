/**
 * Every event of the inventory is written, with what the inventory says and nothing secret; what strangers repeat is
 * written once (ASVS 16.1.1, 16.2.1, 16.3.1 to 16.3.3; docs/design.md, section 7, rule 9).
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { refreshTokenGrant } from 'openid-client';
import { actOf, createAudit } from '../../src/audit/audit.ts';
import { events } from '../../src/audit/events.ts';
import { verify } from '../../src/audit/verify.ts';
import type { AuditEntry } from '../../src/records/records.ts';
import { RecordsUnavailable } from '../../src/records/records.ts';
import { createMemoryState } from '../../src/state/memory.ts';
import { atCodePage, credentials, signIn, silently } from '../flow/journey.ts';
import { eventually } from '../support/eventually.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';

let kapu: TestKapu;
let service: RelyingParty;
let ahead = 0;
const offline = { scope: 'openid offline_access', prompt: 'consent' };

beforeAll(async () => {
  kapu = await startKapu({
    now: () => new Date(Date.now() + ahead),
    change(settings) {
      roomy(settings);
      settings.password.triesPerAccount = 2;
    },
  });
  service = await kapu.service();
});
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  const findings: unknown[] = [];
  await verify(kapu.records.audit, { report: (finding) => void findings.push(finding) });
  expect(findings).toEqual([]);
  await kapu.stop();
});

const entries = async () => (await kapu.records.audit.list({ limit: 10_000 })).reverse();
/** What `work` adds to the audit. */
async function added(work: () => Promise<unknown>): Promise<AuditEntry[]> {
  const before = (await entries()).length;
  await work();
  return (await entries()).slice(before);
}
const names = (list: AuditEntry[]) => list.map(({ event }) => event);
const metric = async (line: string) => {
  const text = await (await fetch(`${kapu.operations}/metrics`)).text();
  return Number(
    text
      .split('\n')
      .find((each) => each.startsWith(line))
      ?.split(' ')
      .at(-1) ?? 0,
  );
};

/** The inventory's own words for an event. */
const inventoryOf = (event: string) =>
  event in events
    ? events[event as keyof typeof events]
    : events[event.replace(/^[^.]+/, 'METHOD') as keyof typeof events];

describe('what is written', () => {
  test('a sign-in at plus, its tokens, a refresh, a sign-in without a question, a sign-out', async () => {
    const agent = kapu.agent();
    const written = await added(async () => {
      const { tokens } = await signIn(kapu, service, agent, { acr_values: 'plus', ...offline });
      await refreshTokenGrant(service.config, tokens.refresh_token!);
      await silently(service, agent, { acr_values: 'plus' });
      const page = await agent.get('/session/end');
      await agent.submit(page, { logout: 'yes' });
    });
    expect(names(written).filter((event) => event !== 'mail.sent')).toEqual([
      ...['password.passed', 'email-code.passed', 'sign-in.completed', 'session.began', 'consent.given'],
      ...['token.issued', 'token.issued', 'sign-in.silent', 'token.issued', 'sign-out.completed'],
    ]);
    expect(names(written).filter((event) => event === 'mail.sent')).toHaveLength(1);
    const anna = await kapu.records.accounts.findByUsername('anna');
    for (const { event, at, accountId, clientId, reference, origin, detail } of written) {
      expect([event, accountId]).toEqual([event, anna!.id]);
      if (event !== 'sign-out.completed') expect(clientId).toBe('demo-native');
      expect(reference).toMatch(/^[a-z2-9]{10}$/);
      expect(origin).toMatch(/^(127\.0\.0\.1|0:0:0:0::\/64)$/);
      expect(Math.abs(at.getTime() - Date.now() - ahead)).toBeLessThan(60_000);
      expect([event, Object.keys(detail ?? {}).sort()]).toEqual([event, Object.keys(inventoryOf(event).detail).sort()]);
    }
    const details = written.filter(({ event }) => event === 'token.issued' || event === 'sign-in.silent');
    expect(details.map(({ detail }) => detail)).toEqual([
      { grant: 'authorization_code', scope: 'openid offline_access', authorization: expect.any(String) },
      { grant: 'refresh_token', scope: 'openid offline_access', authorization: expect.any(String) },
      { acr: 'plus', amr: 'pwd otp' },
      { grant: 'authorization_code', scope: 'openid', authorization: expect.any(String) },
    ]);
  });

  test('a silent request that gets no code is no sign-in; one with a cancelled consent is a cancelled one', async () => {
    expect(await added(() => silently(service, kapu.agent()))).toEqual([]);
    const agent = kapu.agent();
    const written = await added(async () => {
      const { page } = await service.visit(agent, { prompt: 'consent' });
      const consent = await agent.submit(page, credentials('anna'));
      await agent.submit(consent, { deny: '1' });
    });
    expect(names(written)).toEqual(['password.passed', 'sign-in.completed', 'session.began', 'sign-in.cancelled']);
  });

  test('a code that is used twice: the replay, once, however often it comes; and it is counted', async () => {
    const agent = kapu.agent();
    const { asked, page } = await service.visit(agent);
    const back = await agent.submit(page, credentials('bela'));
    const counted = await metric('kapu_replays_total');
    const written = await added(async () => {
      await asked.redeem(back.url);
      for (let n = 0; n < 4; n++) await expect(asked.redeem(back.url)).rejects.toThrow();
    });
    expect(names(written)).toEqual(['token.issued', 'token.replayed']);
    expect(written[1]).toMatchObject({ clientId: 'demo-native', detail: { kind: 'AuthorizationCode' } });
    expect(await metric('kapu_replays_total')).toBeGreaterThan(counted);
  });

  test('a mail that no server takes', async () => {
    kapu.smtp.behave('refuse');
    const written = await added(async () => {
      await atCodePage(kapu, service);
      await eventually('the mail has failed', async () => names(await entries()).includes('mail.failed'));
    });
    kapu.smtp.behave('accept');
    const failed = written.find(({ event }) => event === 'mail.failed')!;
    expect(failed).toMatchObject({ clientId: 'demo-native', detail: { mail: expect.stringMatching(/^[2-9A-Z]{4}$/) } });
    expect(Object.keys(failed.detail!)).toEqual(['mail', 'reason']);
  });
});

describe('what strangers repeat', () => {
  const attempt = async (username: string) => {
    const agent = kapu.agent();
    const { page } = await service.visit(agent);
    return agent.submit(page, { username, password: 'a guess' });
  };

  test('a budget that is used up is written once, and again after a quarter of an hour; each is counted', async () => {
    await attempt('nobody');
    await attempt('nobody');
    const line = 'kapu_refusals_total{method="password",reason="too-many-tries"}';
    const counted = await metric(line);
    const written = await added(async () => {
      for (let n = 0; n < 5; n++) expect((await attempt('nobody')).status).toBe(429);
    });
    expect(written.map(({ event, detail }) => [event, detail?.reason])).toEqual([
      ['password.refused', 'too-many-tries'],
    ]);
    expect(await metric(line)).toBe(counted + 5);
    ahead += 16 * 60_000;
    for (let n = 0; n < 2; n++) await attempt('nobody');
    expect(names(await added(() => attempt('nobody')))).toEqual(['password.refused']);
  });

  test('sign-ins that nobody has proven anything in are given up once', async () => {
    const give = async () => {
      const agent = kapu.agent();
      const { page } = await service.visit(agent);
      return agent.submit(page, { cancel: '1' });
    };
    const written = await added(async () => {
      for (let n = 0; n < 3; n++) await give();
    });
    expect(names(written)).toEqual(['sign-in.cancelled']);
  });

  test('a sign-in that has ended is not written again when its page is sent again', async () => {
    const { agent, page } = await atCodePage(kapu, service);
    const written = await added(async () => {
      const cookie = await agent.jar.getCookieString(page.url.href);
      const cancel = () =>
        fetch(page.url, {
          method: 'POST',
          body: new URLSearchParams({ cancel: '1' }),
          redirect: 'manual',
          headers: { cookie, origin: kapu.issuer },
        });
      for (let n = 0; n < 3; n++) expect((await cancel()).status).toBe(303);
    });
    expect(names(written).filter((event) => event.startsWith('sign-in.'))).toHaveLength(1);
  });
});

describe('createAudit', () => {
  const source = { ip: '2001:db8:1:2:3::4', state: { reference: 'k7qx2m4p22' } };
  const now = () => new Date('2026-11-22T10:00:00Z');

  test('names an origin as budgets count it, and a method by its name', async () => {
    const kept: AuditEntry[] = [];
    const audit = createAudit({ append: async (entry) => void kept.push(entry) }, createMemoryState({ now }), now);
    await audit.write(source, 'METHOD.passed', { account: { id: 'a' }, detail: { method: 'totp' } });
    expect(kept).toEqual([
      {
        ...{ at: now(), event: 'totp.passed', reference: 'k7qx2m4p22', accountId: 'a', clientId: undefined },
        ...{ origin: '2001:db8:1:2::/64', detail: { method: 'totp' } },
      },
    ]);
  });

  test('what could not be written is written the next time', async () => {
    let away = true;
    const kept: AuditEntry[] = [];
    const append = async (entry: AuditEntry) => {
      if (away) throw new RecordsUnavailable('away');
      kept.push(entry);
    };
    const audit = createAudit({ append }, createMemoryState({ now }), now);
    const once = () => audit.writeOnce(source, 'sign-in.cancelled', { clientId: 'tax' });
    await expect(once()).rejects.toThrow(RecordsUnavailable);
    away = false;
    await once();
    await once();
    await audit.writeOnce(source, 'sign-in.cancelled', { clientId: 'health' });
    await audit.writeOnce({ ...source, ip: '2001:db8:1:3::1' }, 'sign-in.cancelled', { clientId: 'tax' });
    expect(kept.map(({ clientId, origin }) => [clientId, origin])).toEqual([
      ['tax', '2001:db8:1:2::/64'],
      ['health', '2001:db8:1:2::/64'],
      ['tax', '2001:db8:1:3::/64'],
    ]);
  });

  test('an act names the operator', async () => {
    const kept: AuditEntry[] = [];
    const records = { audit: { append: async (entry: AuditEntry) => void kept.push(entry) } };
    await actOf({ records, now }, 'client.removed', { clientId: 'tax' });
    expect(kept).toEqual([{ at: now(), event: 'client.removed', clientId: 'tax', detail: { by: 'operator' } }]);
  });
});

test("the operator's guide prints the inventory as it is", () => {
  const guide = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'operating.md'), 'utf8');
  const [, written] = /^### What is written$(.*?)^### /ms.exec(guide)!;
  const rows = [...written!.matchAll(/^\| `([\w-]+\.[\w-]+)` \| (.*?) \| (.*?) \|$/gm)].map(([, ...cells]) => cells);
  const inventory = Object.entries(events).map(([event, { when, detail }]) => {
    const holds = Object.entries(detail as Record<string, string>).map(([name, what]) =>
      name === 'by' ? '`by` operator' : `\`${name}\` ${what}`,
    );
    return [event, when, holds.join('; ')];
  });
  expect(rows).toEqual(inventory);
});
