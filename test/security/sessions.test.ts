/** What a session's record may become: no bigger by use, and never open again by what has been closed (ASVS 7.2.4, 7.4.1; 13.1.3). */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createMemoryState } from '../../src/state/memory.ts';
import type { Fields, State } from '../../src/state/state.ts';
import { atCodePage, credentials, signIn, silently, stepOf, walk } from '../flow/journey.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';

let kapu: TestKapu;
let service: RelyingParty;
let memory: State;
/** Names of the fields of the last session written. */
let written: Set<string>;
/** Waited for before a session is written, once. */
let beforeSession: (() => Promise<void>) | undefined;

beforeAll(async () => {
  memory = createMemoryState({ now: () => new Date() });
  const state: State = {
    ...memory,
    async merge(key, fields: Fields, greatest: Fields, ...rest) {
      if (!key.startsWith('Session:')) return memory.merge(key, fields, greatest, ...rest);
      const wait = fields.session ? beforeSession : undefined;
      if (wait) {
        beforeSession = undefined;
        await wait();
      }
      for (const name of Object.keys({ ...fields, ...greatest })) written.add(name);
      return memory.merge(key, fields, greatest, ...rest);
    },
  };
  kapu = await startKapu({ change: roomy, state });
  service = await kapu.service();
});
beforeEach(() => {
  written = new Set();
});
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
  await memory.end();
});

describe('a session', () => {
  test('has as many fields after twenty new ids as after the first', async () => {
    const agent = kapu.agent();
    await signIn(kapu, service, agent);
    const before = new Set(written);
    const cookies = new Set<string>();
    for (let times = 0; times < 20; times++) {
      const { page } = await service.visit(agent, { prompt: 'select_account' });
      await agent.submit(page, {});
      cookies.add((await agent.cookie('kapu-session'))!);
    }
    expect(cookies.size).toBe(20);
    expect([...written].toSorted()).toEqual([...before].toSorted());
  });

  test('has one grant for each service, however often that was revoked', async () => {
    const agent = kapu.agent();
    for (let times = 0; times < 3; times++) {
      const { asked, page } = await service.visit(agent);
      const { page: back } = await walk(kapu, agent, page);
      await asked.redeem(back.url);
      await expect(asked.redeem(back.url)).rejects.toMatchObject({ error: 'invalid_grant' });
    }
    const { tokens } = await signIn(kapu, service, agent);
    expect(tokens.access_token).toBeDefined();
    expect([...written].filter((name) => name.startsWith('grant:'))).toHaveLength(1);
  });
});

describe('a grant that outlives its session', () => {
  test('does not come back after the sign-out, where it was revoked while it was being made', async () => {
    const agent = kapu.agent();
    const library = await kapu.service({ clientId: 'demo-library' });
    const first = await library.visit(agent);
    const { page: back } = await walk(kapu, agent, first.page);
    await first.asked.redeem(back.url);

    const offline = await library.visit(agent, { scope: 'openid offline_access', prompt: 'consent' });
    const { promise: reached, resolve: arrived } = Promise.withResolvers<void>();
    const { promise: revoked, resolve: goOn } = Promise.withResolvers<void>();
    beforeSession = async () => {
      arrived();
      await revoked;
    };
    const late = agent.submit(offline.page, { allow: '1' });
    await reached;
    await expect(first.asked.redeem(back.url)).rejects.toMatchObject({ error: 'invalid_grant' });
    goOn();
    const landed = await late;
    await agent.submit(await agent.get('/session/end'), { logout: 'yes' });
    await expect(offline.asked.redeem(landed.url)).rejects.toMatchObject({ error: 'invalid_grant' });
  });
});

describe("the code page's script", () => {
  /** What the script does: it follows redirects as the browser's fetch would, with the browser's cookies. */
  const look = (agent: ReturnType<TestKapu['agent']>, page: URL) =>
    agent.get(`${page.pathname}/delivery`, { accept: 'application/json' });

  test('sends no mail and begins nothing where the session changed meanwhile', async () => {
    const agent = kapu.agent();
    await signIn(kapu, service, agent);
    const { page } = await atCodePage(kapu, service, 'anna', agent);
    await kapu.mailFor(page);
    await agent.submit(await agent.get('/session/end'), { logout: 'yes' });
    await signIn(kapu, service, agent);
    const mails = kapu.mailsTo('anna@demo.example').length;
    for (let times = 0; times < 3; times++) {
      const answer = await look(agent, page.url);
      expect([answer.status, answer.through, JSON.parse(answer.html)]).toEqual([200, [], { delivery: 'over' }]);
    }
    expect(kapu.mailsTo('anna@demo.example')).toHaveLength(mails);
  });

  test('does not use up a sign-in that another tab has finished', async () => {
    const agent = kapu.agent();
    await signIn(kapu, service, agent);
    const [one, other] = [
      await atCodePage(kapu, service, 'anna', agent),
      await atCodePage(kapu, service, 'anna', agent),
    ];
    await agent.submit(other.page, { code: await kapu.codeFor(other.page) });
    expect(JSON.parse((await look(agent, one.page.url)).html)).toEqual({ delivery: 'over' });
    const back = await agent.get(one.page.url);
    expect(['service', 'email-code', 'password']).toContain(stepOf(back));
  });
});

test('a password that was changed while it was being checked does not sign in', async () => {
  const { accounts } = kapu.records;
  const agent = kapu.agent();
  const { page } = await service.visit(agent);
  const id = (await accounts.findByUsername('john'))!.id;
  const { passwordHash } = (await accounts.findForPassword('john'))!;
  const find = accounts.findForPassword;
  // The hash is read, then the operator sets another password; here the same one, so that only the moment tells.
  accounts.findForPassword = async (username) => {
    const found = await find(username);
    await accounts.setPassword(id, passwordHash!);
    return found;
  };
  try {
    await agent.submit(page, credentials('john'));
  } finally {
    accounts.findForPassword = find;
  }
  expect(await silently(service, agent)).toBe('login_required');
});
