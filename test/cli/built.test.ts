/**
 * What scripts/build.ts makes of the sources does what they do: it is what the image runs. Above all it keeps what it stores under the same names,
 * which oidc-provider takes from names of classes, so that servers of both kinds can follow one another (decision 028).
 */

import { type ChildProcess, execFile } from 'node:child_process';
import { once } from 'node:events';
import { glob, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { refreshTokenGrant } from 'openid-client';
import { demoPassword } from '../../config/demo.ts';
import { buildInto } from '../../scripts/build.ts';
import { Agent } from '../support/agent.ts';
import { eventually } from '../support/eventually.ts';
import { codeIn, roomy } from '../support/kapu.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { relyingParty } from '../support/relying-party.ts';
import { type Smtp, startSmtp } from '../support/smtp.ts';
import { cli, makePlace, type Place, type Ran } from './run.ts';

const root = join(import.meta.dirname, '..', '..');
const folder = join(root, 'dist-test');

let built: string;
let redis: RedisServer;
let smtp: Smtp;
let place: Place;
let server: ChildProcess | undefined;

beforeAll(async () => {
  built = await buildInto(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

beforeEach(async () => {
  redis = await startRedis();
  smtp = await startSmtp();
  place = await makePlace(smtp.port);
  await place.change((settings) => {
    roomy(settings);
    settings.state = { kind: 'redis', url: redis.url, prefix: 'kapu:', commandPatience: 5000 };
  });
  await (await place.furnish()).end();
});
afterEach(async () => {
  await stop();
  await place.remove();
  await smtp.stop();
  await redis.stop();
});

/** Starts the server of `program`; resolves when it is ready. */
async function start(program: string): Promise<void> {
  // One kind by workers: they start what they were started by.
  const child = place.start(['serve', ...(program === built ? ['--workers', '2'] : [])], program);
  server = child;
  let err = '';
  child.stderr!.on('data', (chunk) => {
    err += chunk;
  });
  await eventually('the server', async () => {
    if (child.exitCode !== null) throw new Error(err);
    const ready = await fetch(`http://127.0.0.1:${place.settings.operations.port}/health/ready`).catch(() => undefined);
    return ready?.ok === true;
  });
}

async function stop(): Promise<void> {
  if (server?.exitCode === null && server.signalCode === null) {
    server.kill('SIGTERM');
    await once(server, 'close');
  }
  server = undefined;
}

/** The text of all files of `of` in a folder. */
async function allOf(folder: string, of: string): Promise<string> {
  const texts: string[] = [];
  for await (const file of glob(join(folder, of))) texts.push(await readFile(file, 'utf8'));
  return texts.join('\n');
}

test.each([
  ['sources', 'what is built'],
  ['what is built', 'sources'],
])('a sign-in with step-up at a server of %s goes on at one of %s', async (first, second) => {
  const programs: Record<string, string> = { sources: cli, 'what is built': built };
  await start(programs[first]!);
  const { issuer } = place.settings;
  const agent = new Agent({ origin: issuer, language: 'en' });
  const service = await relyingParty(issuer);
  const { asked, page } = await service.visit(agent, {
    acr_values: 'plus',
    scope: 'openid offline_access',
    prompt: 'consent',
  });
  const atCode = await agent.submit(page, { username: 'anna', password: demoPassword });
  await eventually('the mail', () => smtp.mails.length === 1);
  const atConsent = await agent.submit(atCode, { code: codeIn(smtp.mails[0]!) });
  const signedIn = await asked.redeem((await agent.submit(atConsent, { allow: '1' })).url);
  expect(signedIn.claims.acr).toBe('plus');
  const waiting = await service.visit(agent, { prompt: 'login' });
  await stop();

  await start(programs[second]!);
  const refreshed = await refreshTokenGrant(service.config, signedIn.tokens.refresh_token!);
  expect(refreshed.claims()).toMatchObject({ sub: signedIn.claims.sub, acr: 'plus' });
  for (const { access_token } of [signedIn.tokens, refreshed]) {
    const answer = await fetch(`${issuer}/userinfo`, { headers: { authorization: `Bearer ${access_token}` } });
    expect(await answer.json()).toMatchObject({ sub: signedIn.claims.sub });
  }
  const again = await service.visit(agent, { prompt: 'none', acr_values: 'plus' });
  expect((await again.asked.redeem(again.page.url)).claims).toMatchObject({ sub: signedIn.claims.sub, acr: 'plus' });
  // The page that was open meanwhile.
  const back = await agent.submit(waiting.page, { username: 'anna', password: demoPassword });
  expect((await waiting.asked.redeem(back.url)).claims.sub).toBe(signedIn.claims.sub);
});

test('what it stores has the names that oidc-provider gives it', async () => {
  const text = await allOf(folder, '*.mjs');
  const models = await allOf(join(root, 'node_modules', 'oidc-provider', 'lib', 'models'), '*.js');
  const names = [...models.matchAll(/class ([A-Z]\w+) extends/g)].map(([, name]) => name!);
  expect(names).toEqual(expect.arrayContaining(['Session', 'RefreshToken', 'PushedAuthorizationRequest', 'Grant']));
  expect(names.filter((name) => !text.includes(`class ${name} extends`))).toEqual([]);
});

test('each of its files can be loaded', async () => {
  const load = `for await (const file of fs.promises.glob(process.argv[1] + '/*.mjs'))
    if (!file.endsWith('/cli.mjs')) await import(file)`;
  await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '-e',
    `import fs from 'node:fs'; ${load}`,
    folder,
  ]);
});

test.each([
  { args: ['--help'] },
  { args: ['keys', 'list'] },
  { args: ['client', 'list'] },
  { args: ['client', 'show', 'demo-native'] },
  { args: ['account', 'show', 'anna'] },
  { args: ['account', 'methods', 'anna'] },
  { args: ['account', 'set-password', 'anna'], stdin: 'jelszo123456' },
  { args: ['audit', 'verify'] },
  { args: ['explain', '/auth?client_id=demo-native&acr_values=plus'] },
  { args: ['nothing'] },
])('`kapu $args` says the same', async ({ args, stdin }) => {
  const bySources = await place.process(args, stdin);
  expect(`${bySources.out}${bySources.err}`).not.toBe('');
  expect(await place.process(args, stdin, built)).toEqual(bySources);
});

test('`kapu check` finds the same, methods and stores and mail', async () => {
  // The time, and how long a hash took.
  const found = ({ out }: Ran) => out.replace(/(clock +)\S+/, '$1').replace(/[\d.]+ ms/, 'ms');
  const bySources = await place.process(['check']);
  expect(bySources).toMatchObject({ code: 0, out: expect.stringContaining('mailbox greets') });
  expect(found(await place.process(['check'], '', built))).toBe(found(bySources));
});
