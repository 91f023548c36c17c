/** Ending everything in an account must not wait for its sessions: whoever holds the password can have begun any number of them. */

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { keyOf } from '../../src/oidc/stored/adapter.ts';
import type { State } from '../../src/state/state.ts';
import { signIn, silently } from '../flow/journey.ts';
import { textOf } from '../support/agent.ts';
import { eventually } from '../support/eventually.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import { visit } from './journey.ts';

let kapu: TestKapu;
/** The session that the store takes its time over, until it is let. */
let slow: string | undefined;
let gate: Promise<void>;
let open: () => void;
const closed: string[] = [];

/** A store in which reading one session stands for reading very many. */
const around = (state: State): State => ({
  ...state,
  async fields(key) {
    if (key === slow) await gate;
    return state.fields(key);
  },
  close(key, refusal) {
    closed.push(key);
    return state.close(key, refusal);
  },
});

beforeAll(async () => {
  kapu = await startKapu({ change: roomy, around });
});
afterAll(() => kapu?.stop());

test.each([
  ['“this was not me”', '/account/activity/report', { report: '1' }, 'anna'],
  ['“sign out everywhere”', '/account/sessions/end-all', {}, 'john'],
  ['giving the account up', '/account/data/delete', { delete: '1' }, 'john'],
] as const)('%s is done before any session is looked at', async (_, path, fields, username) => {
  const service = await kapu.service();
  const agent = kapu.agent();
  await visit(kapu, agent, path.includes('end-all') ? '/account/sessions' : path, username);
  await signIn(kapu, service, kapu.agent(), {}, username);
  const account = (await kapu.records.accounts.findByUsername(username))!;
  const [began] = await kapu.records.audit.recent({ accountId: account.id, event: 'session.began', limit: 1 });
  gate = new Promise((resolve) => {
    open = resolve;
  });
  slow = keyOf('Session', String(began!.detail!.session));
  try {
    const done = await agent.post(path, fields);
    expect([done.status, textOf(done)]).toEqual([200, expect.anything()]);
    const after = (await kapu.records.accounts.findByUsername(username))!;
    expect(after.validSince?.getTime()).toBeGreaterThan(account.validSince?.getTime() ?? 0);
    // Whoever signs in again meanwhile stays signed in.
    const again = kapu.agent();
    await signIn(kapu, service, again, {}, username);
    expect(closed).not.toContain(slow);
    open();
    await eventually('the session is closed', () => closed.includes(slow!));
    expect(await silently(service, again)).not.toBe('login_required');
  } finally {
    open();
    slow = undefined;
  }
});
