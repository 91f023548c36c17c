/** docs/relying-parties.md: its examples are run as they stand, with other addresses; its names are those of the demo. */

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as oidc from 'openid-client';
import { demoClients, demoPassword, demoPeople } from '../../config/demo.ts';
import { parseClient } from '../../src/oidc/clients/metadata.ts';
import { profileNames } from '../../src/oidc/clients/profiles.ts';
import { startKapu, type TestKapu } from '../support/kapu.ts';

const text = readFileSync(new URL('../../docs/relying-parties.md', import.meta.url), 'utf8');
const example = (language: string, part: string) =>
  [...text.matchAll(/```(\w+)\n([\s\S]*?)```/g)].find(
    (found) => found[1] === language && found[2]!.includes(part),
  )![2]!;

let kapu: TestKapu;
beforeAll(async () => {
  kapu = await startKapu();
});
afterAll(() => kapu?.stop());

test('the examples of clients are ones that can be put, one of each profile', () => {
  const all = [...text.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json]) => JSON.parse(json!));
  const clients = all.filter((json) => 'client_id' in json && 'client_name' in json);
  const surroundings = {
    levels: kapu.settings.levels,
    methods: ['password', 'email-code'],
    resources: { 'https://tax.example.hu/api': { scopes: ['tax.read'], accessToken: 'jwt' as const } },
    mtls: { header: 'client-cert', ca: 'ca.pem' },
  };
  for (const client of clients) expect(parseClient(client, surroundings)).toMatchObject({ ok: true });
  expect([...new Set(clients.map(({ profile }) => profile).filter(Boolean))].sort()).toEqual([...profileNames].sort());
});

test('the example with openid-client signs a person in at plus', async () => {
  const code = example('js', 'randomPKCECodeVerifier')
    .replace(/^import .*$/m, '')
    .replace('https://login.example.hu', kapu.issuer)
    .replace("'tax-return', undefined, authentication", "'demo-web', undefined, authentication, insecure")
    .replaceAll('https://tax.example.hu/callback', 'http://127.0.0.1:4545/callback')
    .replace('// 2.', 'const callback = await signIn(url);\n// 2.');
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
  const run = new AsyncFunction('oidc', 'process', 'insecure', 'signIn', `${code}\nreturn acr;`);
  const acr = await run(
    oidc,
    { env: { CLIENT_SECRET: 'demo-web-secret-0123456789abcdef' } },
    { execute: [oidc.allowInsecureRequests] },
    async (url: URL) => {
      const agent = kapu.agent();
      const codePage = await agent.submit(await agent.get(url), { username: 'anna', password: demoPassword });
      return (await agent.submit(codePage, { code: await kapu.code('anna@demo.example') })).url;
    },
  );
  expect(acr).toBe('plus');
});

test('it names the people and clients of the demo', () => {
  const names = [...demoPeople.map(({ username }) => username), demoPassword];
  const clients = demoClients(3000).filter(({ client_id }) => client_id !== 'demo-service');
  for (const name of [
    ...names,
    ...clients.map(({ client_id }) => client_id),
    clients.find(({ client_id }) => client_id === 'demo-web')!.client_secret,
  ])
    expect(text).toContain(`\`${name}\``);
});

test('the endpoints it names are those of discovery', async () => {
  const metadata = (await (await fetch(`${kapu.issuer}/.well-known/openid-configuration`)).json()) as Record<
    string,
    string
  >;
  const paths = ['authorization', 'token', 'userinfo', 'introspection', 'pushed_authorization_request', 'end_session'];
  for (const name of paths) expect(text).toContain(new URL(metadata[`${name}_endpoint`]!).pathname);
});
