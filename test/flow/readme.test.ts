/** The README's ten lines, run as they stand there. */

import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as oidc from 'openid-client';
import { startKapu, type TestKapu } from '../support/kapu.ts';
import { credentials } from './journey.ts';

let kapu: TestKapu;
beforeAll(async () => {
  kapu = await startKapu();
});
afterAll(() => kapu?.stop());

const AsyncFunction = (async () => {}).constructor as FunctionConstructor;

test('a service that is written as the README says gets plus', async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const lines = /```js\n(import [^\n]+\n)([\s\S]+?)```/
    .exec(readme)![2]!
    .replaceAll('http://localhost:3000', kapu.issuer);
  const [ask, redeem] = lines.split(/^\/\/ Send the browser[^\n]*$/m);

  const asked = await AsyncFunction('oidc', `${ask}; return { kapu, verifier, nonce, url };`)(oidc);
  const agent = kapu.agent();
  const code = await agent.submit(await agent.get(asked.url), credentials('anna'));
  const back = await agent.submit(code, { code: await kapu.codeFor(code) });
  const run = AsyncFunction('oidc', 'kapu', 'verifier', 'nonce', 'callback', `${redeem}; return tokens.claims();`);
  expect(await run(oidc, asked.kapu, asked.verifier, asked.nonce, back.url)).toMatchObject({ acr: 'plus' });
});
