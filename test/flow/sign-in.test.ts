import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { demoPassword } from '../../config/demo.ts';
import { textOf } from '../support/agent.ts';
import { startKapu, type TestKapu } from '../support/kapu.ts';
import { type RelyingParty, relyingParty } from '../support/relying-party.ts';

let kapu: TestKapu;
let service: RelyingParty;

beforeAll(async () => {
  kapu = await startKapu();
  service = await relyingParty(kapu.issuer);
});
afterAll(() => kapu?.stop());

const password = { username: 'anna', password: demoPassword };

describe('a service asks for nothing special', () => {
  test('user name and password give basic, and the token says so', async () => {
    const agent = kapu.agent();
    const { asked, page } = await service.visit(agent);
    expect(textOf(page)).toContain('Sample Phone App');
    const back = await agent.submit(page, password);
    expect(back.url.href).toMatch(/^http:\/\/127\.0\.0\.1:45454\/callback\?code=/);
    const { claims } = await asked.redeem(back.url);
    expect(claims).toMatchObject({ acr: 'basic', amr: ['pwd'] });
  });
});

describe('a service asks for plus', () => {
  test('a code by e-mail after the password gives plus', async () => {
    const agent = kapu.agent();
    const { asked, page } = await service.visit(agent, { acr_values: 'plus' });
    const codePage = await agent.submit(page, password);
    expect(textOf(codePage)).toContain('a***@demo.example');
    const back = await agent.submit(codePage, { code: await kapu.code('anna@demo.example') });
    const { claims } = await asked.redeem(back.url);
    expect(claims).toMatchObject({ acr: 'plus', amr: ['pwd', 'otp'] });
  });
});
