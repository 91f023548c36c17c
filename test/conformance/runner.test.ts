/** A conformance run, against something that stands in for the suite. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '../support/ports.ts';
import { type ScriptedModule, type StandIn, type StandInOptions, startStandIn } from './stand-in.ts';
import type { Entry, Info } from './suite/api.ts';
import { conformance } from './suite/command.ts';
import { plans } from './suite/plans.ts';
import { judge, report } from './suite/report.ts';
import type { ModuleResult } from './suite/run.ts';
import { wire } from './wire.ts';

const planName = 'oidcc-basic-certification-test-plan';
const running: Info = { status: 'RUNNING' };
const ends = (result: Info['result']): Info[] => [
  { status: 'CREATED' },
  running,
  { status: 'FINISHED' },
  { status: 'FINISHED', result },
];
const passes = (name: string): ScriptedModule => ({ name, stands: ends('PASSED') });
const failure: Entry = {
  src: 'CheckNonce',
  msg: 'the nonce is not the one',
  result: 'FAILURE',
  requirements: ['OIDCC-3.1.3.7'],
};
const warning: Entry = { src: 'CheckAcr', msg: 'no acr', result: 'WARNING', requirements: ['OIDCC-2'] };
const success: Entry = { src: 'CheckSub', msg: 'there is one', result: 'SUCCESS' };

let folder: string;
let port: number;
let standIn: StandIn;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kapu-runner-'));
  port = await freePort(2);
});
afterEach(() => standIn?.stop());
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ran {
  code: number;
  out: string;
  err: string;
}
const never = new AbortController().signal;
async function run(args: string[], env: Record<string, string> = {}, stopped = never): Promise<Ran> {
  const lines = { out: [] as string[], err: [] as string[] };
  const code = await conformance(args, {
    out: (text) => lines.out.push(text),
    err: (text) => lines.err.push(text),
    env,
    stopped,
    every: 10,
  });
  return { code, out: lines.out.join('\n'), err: lines.err.join('\n') };
}
/** A run against a stand-in with `modules`. */
async function runAgainst(
  modules: ScriptedModule[],
  args: string[] = [],
  more: Partial<StandInOptions> = {},
  env = {},
) {
  standIn = await startStandIn({ planName, modules, ...more });
  const ca = join(folder, 'suite.crt');
  await writeFile(ca, standIn.ca);
  return run(
    [
      '--suite',
      standIn.url,
      '--suite-ca',
      ca,
      '--plan',
      'oidcc-basic',
      '--issuer',
      `https://localhost:${port}`,
      ...args,
    ],
    env,
  );
}

describe('a run', () => {
  test('that passes: a table, the record of the suite, and 0', async () => {
    const ran = await runAgainst([passes('oidcc-server'), passes('oidcc-userinfo-get')], ['--export', folder]);
    expect(ran).toMatchObject({ code: 0, err: 'PASSED      oidcc-server\nPASSED      oidcc-userinfo-get' });
    expect(ran.out).toContain('MODULE              RESULT  WARNINGS\noidcc-server        PASSED  0         good\n');
    expect(ran.out).toContain('2 modules: 2 passed, 0 noted, 0 expected, 0 not expected');
    const file = join(folder, 'oidcc-basic.zip');
    expect(ran.out).toContain(`exported: ${file}`);
    expect(await readFile(file, 'utf8')).toBe('PK of plan-1');
  });

  test('gives the suite a configuration that leads to a Kapu that is there', async () => {
    let discovered: unknown;
    const play = async (configuration: Record<string, unknown>): Promise<Info> => {
      const { discoveryUrl } = configuration.server as { discoveryUrl: string };
      // As the suite does: it takes any certificate.
      const answer = await wire({ rejectUnauthorized: false })(discoveryUrl);
      discovered = ((await answer.json()) as { issuer: string }).issuer;
      return { status: 'FINISHED', result: 'PASSED' };
    };
    expect((await runAgainst([{ name: 'oidcc-server', stands: [], play }])).code).toBe(0);
    expect(discovered).toBe(`https://localhost:${port}`);
    const [configuration] = standIn.configurations;
    expect(configuration).toMatchObject({
      alias: 'kapu',
      client: { client_id: 'conformance-first', client_secret: expect.any(String) },
      client_secret_post: { client_id: 'conformance-post' },
      browser: expect.any(Array),
    });
    const [made, started] = standIn.asked.map((line) => new URL(line.split(' ')[1]!, standIn.url).searchParams);
    expect(JSON.parse(made!.get('variant')!)).toEqual({
      server_metadata: 'discovery',
      client_registration: 'static_client',
    });
    expect(Object.fromEntries(started!)).toEqual({ test: 'oidcc-server', plan: 'plan-1' });
  });

  test('of one module, with its variant', async () => {
    const variant = { client_auth_type: 'client_secret_post' };
    const ran = await runAgainst(
      [passes('oidcc-server'), { ...passes('oidcc-userinfo-get'), variant }],
      [...['--only', 'oidcc-userinfo-get', '--alias', 'mine', '--variant', 'response_type=code']],
    );
    expect(ran).toMatchObject({ code: 0, err: 'PASSED      oidcc-userinfo-get' });
    const [made, started] = standIn.asked.map((line) => new URL(line.split(' ')[1]!, standIn.url).searchParams);
    expect(JSON.parse(made!.get('variant')!)).toMatchObject({ response_type: 'code', server_metadata: 'discovery' });
    expect(JSON.parse(started!.get('variant')!)).toEqual(variant);
    expect(standIn.configurations[0]!.alias).toBe('mine');
  });

  test('with a failure: the condition, what it says and where, and 1', async () => {
    const failed = { name: 'oidcc-server', stands: ends('FAILED'), log: [success, failure, warning] };
    const ran = await runAgainst([failed, passes('oidcc-userinfo-get')]);
    expect(ran.code).toBe(1);
    expect(ran.out).toContain('oidcc-server        FAILED  1         NOT EXPECTED');
    expect(ran.out).toContain('  FAILURE CheckNonce: the nonce is not the one [OIDCC-3.1.3.7]');
    expect(ran.out).toContain(`  ${standIn.url}/log-detail.html?log=oidcc-server`);
    expect(ran.out).not.toContain('CheckSub');
    expect(ran.out).toContain('2 modules: 1 passed, 0 noted, 0 expected, 1 not expected');
  });

  test('with warnings, pictures to look at, and skips that are known: said, and 0', async () => {
    const ran = await runAgainst([
      { name: 'oidcc-server', stands: ends('WARNING'), log: [warning] },
      { name: 'oidcc-prompt-login', stands: ends('REVIEW') },
      { name: 'oidcc-scope-phone', stands: ends('SKIPPED') },
    ]);
    expect(ran.code).toBe(0);
    expect(ran.out).toContain('oidcc-server: WARNING (passes, with warnings)\n  WARNING CheckAcr: no acr [OIDCC-2]');
    expect(ran.out).toContain('oidcc-prompt-login: REVIEW (a person has to look at the pictures)');
    expect(ran.out).toContain('oidcc-scope-phone: SKIPPED (Kapu holds neither');
    expect(ran.out).toContain('3 modules: 0 passed, 2 noted, 1 expected, 0 not expected');
  });

  test('with a skip that nobody expected: 1', async () => {
    expect((await runAgainst([{ name: 'oidcc-server', stands: ends('SKIPPED') }])).code).toBe(1);
  });

  test('with a module that the suite broke off: 1, and the others run all the same', async () => {
    const ran = await runAgainst([
      { name: 'oidcc-server', stands: [running, { status: 'INTERRUPTED', result: 'FAILED' }], log: [failure] },
      passes('oidcc-userinfo-get'),
    ]);
    expect(ran).toMatchObject({ code: 1, err: 'INTERRUPTED oidcc-server\nPASSED      oidcc-userinfo-get' });
  });

  test('with a module that never ends: 1, and what it waited for', async () => {
    const urls = ['https://localhost:1/somewhere'];
    const ran = await runAgainst(
      [{ name: 'oidcc-server', stands: [{ status: 'WAITING' }], urls }],
      ['--deadline', '1s'],
    );
    expect(ran.code).toBe(1);
    expect(ran.out).toContain(
      'oidcc-server: TIMEOUT (WAITING after 1 s, for a visit that no page selector matches: https://localhost:1/somewhere)',
    );
  });

  test('rotates the keys where a module waits for that, and goes on with it', async () => {
    const kids = async () => {
      const { keys } = (await (await wire({ rejectUnauthorized: false })(`https://localhost:${port}/jwks`)).json()) as {
        keys: { kid: string }[];
      };
      return keys.map(({ kid }) => kid);
    };
    let before: string[] = [];
    let after: string[] = [];
    const play = async (): Promise<Info> => {
      before = await kids();
      return { status: 'FINISHED', result: 'PASSED' };
    };
    const note = async (): Promise<Info> => {
      after = await kids();
      return { status: 'FINISHED', result: 'PASSED' };
    };
    const ran = await runAgainst([
      { name: 'before', stands: [], play },
      {
        name: 'oidcc-server-rotate-keys',
        stands: [{ status: 'CONFIGURED' }, { status: 'CONFIGURED' }, { status: 'FINISHED', result: 'PASSED' }],
      },
      { name: 'after', stands: [], play: note },
    ]);
    expect(ran.code).toBe(0);
    expect(standIn.asked).toContain('POST /api/runner/oidcc-server-rotate-keys');
    expect(after).toEqual(expect.arrayContaining(before));
    expect(after.length).toBe(before.length + 1);
  });

  test("shows the suite a token: the environment's, or the one that is given", async () => {
    const token = 'a-token-of-the-suite';
    expect((await runAgainst([passes('oidcc-server')], [], { token }, { CONFORMANCE_TOKEN: token })).code).toBe(0);
    await standIn.stop();
    const ran = await runAgainst(
      [passes('oidcc-server')],
      ['--token', 'another'],
      { token },
      { CONFORMANCE_TOKEN: token },
    );
    expect(ran).toMatchObject({ code: 1, err: expect.stringContaining('hint: make an API token there') });
  });
});

describe('what cannot be done', () => {
  test('is no suite where it should be', async () => {
    const ran = await run([
      '--suite',
      'https://localhost:1',
      '--plan',
      'oidcc-basic',
      '--issuer',
      `https://localhost:${port}`,
    ]);
    expect(ran).toMatchObject({ code: 1, out: '' });
    expect(ran.err).toBe(
      'conformance: the suite at https://localhost:1 cannot be reached: ECONNREFUSED\n  hint: start it, or mend --suite',
    );
  });

  test('is a suite whose certificate nobody knows, unless that is allowed', async () => {
    standIn = await startStandIn({ planName, modules: [passes('oidcc-server')] });
    const args = ['--suite', standIn.url, '--plan', 'oidcc-basic', '--issuer', `https://localhost:${port}`];
    const ran = await run(args);
    expect(ran).toMatchObject({ code: 1, err: expect.stringContaining('--insecure-suite') });
    expect((await run([...args, '--insecure-suite'])).code).toBe(0);
  });

  test('is a plan that the suite does not know, or not any more', async () => {
    const ran = await runAgainst([passes('oidcc-server')], [], { planName: 'oidcc-basic-test-plan-of-next-year' });
    expect(ran).toMatchObject({ code: 1, out: '' });
    expect(ran.err).toContain(`answers /api/plan with 404: No plan with name: ${planName}`);
  });

  test.each<[string, string[], string]>([
    [
      'a plan that is mistyped',
      ['--plan', 'oidc-basic'],
      "there is no plan 'oidc-basic' here\n  hint: did you mean 'oidcc-basic'?",
    ],
    ['no plan', [], '--plan is missing\n  hint: one of oidcc-basic, oidcc-config'],
    ['no suite', ['--plan', 'oidcc-basic'], '--suite is missing'],
    ['a suite that is no address', ['--plan', 'oidcc-basic', '--suite', 'localhost'], '--suite is no address'],
    ['http', ['--plan', 'oidcc-basic', '--suite', 'https://s', '--issuer', 'http://k'], '--issuer is no address'],
    ['half a certificate', ['--plan', 'oidcc-basic', '--suite', 'https://s', '--tls-key', 'k'], 'half a certificate'],
    ['a file that is not there', ['--plan', 'oidcc-basic', '--suite', 'https://s', '--suite-ca', '/no'], '(ENOENT)'],
    ['a deadline that is none', ['--deadline', 'soon'], 'a duration is a number and a unit'],
    ['a variant that is none', ['--variant', 'code'], 'write it as name=value'],
    ['an option that does not exist', ['--suit', 'x'], '(Did you mean --suite?)'],
  ])('%s', async (_what, args, words) => {
    const ran = await run(args);
    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err).toContain(words);
  });

  test('is a module that the plan does not have', async () => {
    const ran = await runAgainst([passes('oidcc-server')], ['--only', 'oidcc-sever']);
    expect(ran).toMatchObject({ code: 1, err: expect.stringContaining("hint: did you mean 'oidcc-server'?") });
  });
});

test('--list names the plans', async () => {
  const { out, code } = await run(['--list']);
  expect(code).toBe(0);
  for (const { name, planName } of plans) expect(out).toMatch(new RegExp(`^${name} +${planName}`, 'm'));
});

test('--by-hand starts Kapu, and prints what the suite wants', async () => {
  const stopped = new AbortController();
  const ran = run(
    [
      '--suite',
      'https://suite.example',
      '--plan',
      'fapi2-security-profile-mtls-mtls',
      '--issuer',
      `https://localhost:${port}`,
      '--by-hand',
    ],
    {},
    stopped.signal,
  );
  stopped.abort();
  const { out, code } = await ran;
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    client: { client_id: 'conformance-mtls-mtls', jwks: { keys: [{ kty: 'RSA', d: expect.any(String) }] } },
    mtls: { cert: expect.stringContaining('BEGIN CERTIFICATE'), key: expect.stringContaining('PRIVATE KEY') },
    mtls2: { cert: expect.any(String) },
    resource: { resourceUrl: `https://localhost:${port + 1}/userinfo` },
  });
});

describe('a verdict', () => {
  const result: ModuleResult = {
    module: 'm',
    id: '1',
    outcome: 'FAILED',
    failing: [failure, warning],
    address: 'https://s/1',
  };
  const known = { module: 'm', result: 'FAILED', reason: 'as it is meant' } as const;
  test.each([
    ['any condition', [known], 'expected'],
    ['the condition that failed', [{ ...known, condition: 'CheckNonce' }], 'expected'],
    ['another condition', [{ ...known, condition: 'CheckAcr' }], 'unexpected'],
    ['another module', [{ ...known, module: 'n' }], 'unexpected'],
    ['another result', [{ ...known, result: 'WARNING' as const }], 'unexpected'],
    ['nothing', [], 'unexpected'],
  ])('with %s expected', (_what, expected, kind) => {
    expect(judge(result, expected).kind).toBe(kind);
  });

  test('is about every condition that failed', () => {
    const two = { ...result, failing: [failure, { ...failure, src: 'CheckAudience' }] };
    expect(judge(two, [{ ...known, condition: 'CheckNonce' }]).kind).toBe('unexpected');
    expect(report([two], { ...plans[0]!, expected: [] })).toContain('FAILURE CheckAudience');
  });
});
