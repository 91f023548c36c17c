/** Commands beside a running server, all on one SQLite file: nobody waits for long, and nothing gets lost. */

import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { stepOf } from '../flow/journey.ts';
import { Agent } from '../support/agent.ts';
import { closing } from '../support/closing.ts';
import { eventually } from '../support/eventually.ts';
import { relyingParty } from '../support/relying-party.ts';
import { makePlace } from './run.ts';

const atEnd = closing();
const password = 'a password of theirs';

test('accounts and a client are added and a backup is taken while people sign in', async () => {
  const place = await makePlace(1);
  atEnd(place.remove);
  const client = {
    client_id: 'native',
    client_name: 'Native',
    client_uri: 'https://native.example.hu',
    application_type: 'native',
    redirect_uris: ['http://127.0.0.1/callback'],
    token_endpoint_auth_method: 'none',
  };
  await place.file('client.json', JSON.stringify(client));
  for (const args of [['migrate'], ['keys', 'add'], ['client', 'put', place.at('client.json')]])
    expect(await place.kapu(args)).toMatchObject({ code: 0 });
  await place.kapu(['account', 'add', 'anna'], password);

  const server = place.start(['serve']);
  const ended = once(server, 'close');
  server.stdout!.resume();
  server.stderr!.resume();
  atEnd(async () => {
    server.kill('SIGKILL');
    await ended;
  });
  const { issuer, operations } = place.settings;
  const ready = `http://127.0.0.1:${operations.port}/health/ready`;
  await eventually(
    'ready',
    () =>
      fetch(ready)
        .then(({ ok }) => ok)
        .catch(() => false),
    40_000,
  );

  const service = await relyingParty(issuer, { clientId: 'native' });
  const signIn = async (username: string) => {
    const agent = new Agent({ origin: issuer });
    const { asked, page } = await service.visit(agent);
    const back = await agent.submit(page, { username, password });
    expect(stepOf(back)).toBe('service');
    return (await asked.redeem(back.url)).claims.acr;
  };
  let going = true;
  const signIns: unknown[] = [];
  const people = (async () => {
    while (going) signIns.push(await signIn('anna'));
  })();

  const commands = [
    ...['bela', 'csaba', 'dora'].map((name) => ['account', 'add', name]),
    ['client', 'put', place.at('client.json')],
    ['backup', place.at('backup')],
  ];
  const outcomes = await Promise.all(commands.map((args) => place.process(args, password)));
  going = false;
  await people;
  expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0]);
  expect(signIns.length).toBeGreaterThan(0);
  expect(new Set(signIns)).toEqual(new Set(['basic']));
  for (const name of ['bela', 'csaba', 'dora']) expect(await signIn(name)).toBe('basic');

  server.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
}, 60_000);
