import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startKapu, type TestKapu } from '../support/kapu.ts';

let kapu: TestKapu;
beforeAll(async () => {
  kapu = await startKapu();
});
afterAll(() => kapu?.stop());

test('the bare address leads to where help is', async () => {
  const answer = await fetch(`${kapu.issuer}/`, { redirect: 'manual' });
  expect([answer.status, answer.headers.get('location')]).toEqual([303, kapu.settings.deployment.help.url]);
});

test('any other address that is not there says so', async () => {
  expect((await kapu.agent().get('/nowhere')).status).toBe(404);
});
