/**
 * SIGKILL of the server at every write of a sign-in: before the write has reached Redis, and after Redis has made it. Whatever the
 * server does between two of its writes falls between two of these runs, entries of the audit included.
 */

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { refreshTokenGrant } from 'openid-client';
import { silently, stepOf } from '../flow/journey.ts';
import { eventually } from '../support/eventually.ts';
import { type RelyingParty, relyingParty } from '../support/relying-party.ts';
import { type Killable, startKillable } from './killable.ts';
import type { Fatal } from './killing-proxy.ts';
import { type Level, type Outcome, Person } from './person.ts';

/** The tests for sign-ins at `level`, which make at least `least` writes. */
export function killedAtEveryWrite(level: Level, least: number): void {
  let kapu: Killable;
  let service: RelyingParty;
  beforeAll(async () => {
    kapu = await startKillable();
    service = await relyingParty(kapu.issuer);
  });
  afterAll(() => kapu?.stop());

  const auditSoFar = () => kapu.records.audit.list({ limit: 100_000 });

  /** One sign-in in which the server is killed at that write. */
  async function killedAt(nth: number, when: Fatal['when']): Promise<Outcome> {
    const before = (await auditSoFar()).length;
    const person = new Person(kapu, service, level);
    kapu.killAt(nth, when);
    const outcome = await person.signIn();
    // What became of a mail is noted beside the sign-in, and may be the last.
    await eventually('the server was killed', () => kapu.proxy.killed);
    await kapu.revive();
    await nothingTwice(person);
    auditIsTrue((await auditSoFar()).slice(0, -before || undefined).reverse(), person);
    if (outcome !== 'well') expect(await person.signIn()).toBe('well');
    const silent = await silently(service, person.agent, { acr_values: level });
    expect(silent).toMatchObject({ claims: { acr: level } });
    return outcome;
  }

  /** What was used up stays so. */
  async function nothingTwice({ back, refreshToken, beforeCode, codes }: Person): Promise<void> {
    const invalid = { error: 'invalid_grant' };
    if (refreshToken) await expect(refreshTokenGrant(service.config, refreshToken)).rejects.toMatchObject(invalid);
    if (back) await expect(back.asked.redeem(back.url)).rejects.toMatchObject(invalid);
    if (!beforeCode) return;
    const { browser, page } = beforeCode;
    for (const code of codes) expect(stepOf(await browser.submit(page, { code }))).not.toBe('service');
  }

  /** Every success in it was a person's: no more of them than were proven, and the end after the proofs. */
  function auditIsTrue(entries: { event: string; detail?: object }[], { passwords, codes, back }: Person): void {
    const count = (name: string) => entries.filter(({ event }) => event === name).length;
    // A form that is loaded again is sent again: the password is right twice, the code once.
    expect(count('password.passed')).toBeLessThanOrEqual(passwords + 1);
    expect(count('email-code.passed')).toBeLessThanOrEqual(codes.length);
    const last = level === 'plus' ? 'email-code.passed' : 'password.passed';
    const firstEnd = entries.findIndex(({ event }) => event === 'sign-in.completed');
    if (firstEnd >= 0) expect(entries.slice(0, firstEnd).map(({ event }) => event)).toContain(last);
    for (const { event, detail } of entries)
      if (event === 'sign-in.completed') expect(detail).toMatchObject({ acr: level });
    // One that the browser did not get to hear of is the one in which the server was killed.
    expect(count('sign-in.completed')).toBeLessThanOrEqual((back ? 1 : 0) + 1);
    if (back) expect(count('sign-in.completed')).toBeGreaterThanOrEqual(1);
  }

  test(`killed at every write of a sign-in at ${level}: nobody is stuck, and nothing counts twice`, async () => {
    // Scripts are sent whole the first time.
    expect(await new Person(kapu, service, level).signIn()).toBe('well');
    const person = new Person(kapu, service, level);
    kapu.proxy.watch(undefined, () => kapu.elsewhere() + person.agent.answers + person.asked);
    expect(await person.signIn()).toBe('well');
    const { writes } = kapu.proxy;
    expect(writes.length).toBeGreaterThanOrEqual(least);
    // After one write is before the next, where nothing has been written elsewhere or answered in between.
    const kills = writes.flatMap(({ after }, at) => {
      const also = after === writes[at + 1]?.before ? [] : (['after'] as const);
      return (['before', ...also] as const).map((when) => ({ nth: at + 1, when }));
    });

    const began = performance.now();
    const outcomes: Record<string, number> = {};
    for (const { nth, when } of kills) {
      const outcome = await killedAt(nth, when).catch((cause) => {
        const what = `killed ${when} write ${nth} of ${writes.length}: ${cause.message}\n${kapu.faults.splice(0).join('\n')}`;
        throw new Error(`${level}, ${what}`, { cause });
      });
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
    const seconds = Math.round((performance.now() - began) / 1000);
    const how = `killed ${kills.length} times, before and after each of ${writes.length} writes`;
    process.stdout.write(`${level}: ${how}: ${JSON.stringify(outcomes)}, ${seconds} s\n`);
  }, 300_000);
}
