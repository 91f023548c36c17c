/** The demo's machine client at the demo's API: what a developer copies keeps its token, and gets a new one in time. */

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { demoApi, demoStatistics } from '../../config/demo.ts';
import { createMachine } from '../../demo/machine/machine.ts';
import { type Service, startService } from '../../demo/service/service.ts';
import { testClock } from '../support/clock.ts';
import { startKapu, type TestKapu } from '../support/kapu.ts';

let kapu: TestKapu;
let service: Service;
const clock = testClock();
const clientSecret = 'demo-machine-secret-0123456789abcdef';

beforeAll(async () => {
  kapu = await startKapu({ clock });
  const port = kapu.settings.listen.port + 1;
  service = await startService({
    port,
    issuer: kapu.issuer,
    clientId: 'demo-service',
    clientSecret: 'none of its own',
  });
});
afterAll(async () => {
  await service?.stop();
  await kapu?.stop();
});

const machine = (more: { api?: string; scope?: string } = {}) =>
  createMachine({
    ...{ issuer: kapu.issuer, clientId: 'demo-machine', clientSecret, now: clock.now },
    ...{ api: demoStatistics(kapu.settings.listen.port), scope: 'statistics.read', ...more },
  });

test('reads what is for machines, and nothing of a person', async () => {
  expect(await machine().ask('/returns')).toEqual({ year: 2025, returns: 4_512_300, refunded: 1_870_450 });
  await expect(machine({ scope: '' }).ask('/returns')).rejects.toThrow('answers 403');
  const persons = machine({ api: demoApi(kapu.settings.listen.port), scope: 'tax.read' });
  await expect(persons.ask('/profile')).rejects.toMatchObject({ error: 'invalid_target' });
});

test("a person's token does not open what is for machines", async () => {
  const asked = await kapu
    .agent()
    .get(
      (
        await (
          await kapu.service({ scope: 'openid statistics.read' })
        ).ask({ resource: demoStatistics(kapu.settings.listen.port) })
      ).url,
    );
  expect(asked.url.searchParams.get('error')).toBe('invalid_target');
});

test('keeps a token while it lives, and asks for another after', async () => {
  const kept = machine();
  await kept.ask('/returns');
  const { metadata } = (await kapu.records.clients.find('demo-machine'))!;
  await kapu.records.clients.put('demo-machine', {
    ...metadata,
    client_secret: 'another-secret-of-this-test-0123456789',
  });
  expect(await kept.ask('/returns')).toMatchObject({ year: 2025 });
  await clock.pass(11 * 60 * 1000);
  await expect(kept.ask('/returns')).rejects.toMatchObject({ name: 'WWWAuthenticateChallengeError', status: 401 });
  await kapu.records.clients.put('demo-machine', metadata);
  await clock.pass(11 * 60 * 1000);
  expect(await kept.ask('/returns')).toMatchObject({ year: 2025 });
});
