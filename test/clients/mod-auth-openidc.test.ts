/**
 * mod_auth_openidc in Apache, as Debian packages them: a site without a line of code whose paths need levels. Apache is a
 * process of this test, with its files in a folder of its own.
 */

import { readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePort } from '../support/ports.ts';
import { type Child, startChild } from './child.ts';
import { goThrough, said, secret, signOut, startTrial, type Trial } from './trial.ts';

let trial: Trial;
let apache: Child;
let rp: string;
let folder: string;

beforeAll(async () => {
  rp = `http://127.0.0.1:${await freePort()}`;
  trial = await startTrial({
    client_id: 'apache',
    client_name: 'On mod_auth_openidc',
    client_uri: `${rp}/`,
    client_secret: secret,
    redirect_uris: [`${rp}/account/callback`],
    post_logout_redirect_uris: [`${rp}/`],
  });
  folder = await mkdtemp(join(tmpdir(), 'kapu-apache-'));
  // Apache that is started by root answers as another user.
  await chmod(folder, 0o755);
  for (const path of ['.', 'account', 'plus']) {
    await mkdir(join(folder, 'pages', path), { recursive: true });
    await writeFile(join(folder, 'pages', path, 'index.html'), page);
  }
  await writeFile(join(folder, 'apache.conf'), configuration());
  apache = await startChild('/usr/sbin/apache2', ['-f', join(folder, 'apache.conf'), '-DFOREGROUND'], { url: rp });
});
afterAll(async () => {
  await apache?.stop();
  await trial?.end();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** Says who is signed in, by what the module hands to every page, of whatever language. */
const page = `{ "name": "<!--#echo encoding="none" var="OIDC_CLAIM_name" -->", "acr": "<!--#echo encoding="none" var="OIDC_CLAIM_acr" -->" }`;

/** What docs/relying-parties.md shows, with the addresses of this test. */
function documented(): string {
  const text = readFileSync(new URL('../../docs/relying-parties.md', import.meta.url), 'utf8');
  return /```apache\n([\s\S]*?)```/
    .exec(text)![1]!
    .replace('https://login.example.hu', trial.kapu.issuer)
    .replace('https://tax.example.hu', rp)
    .replace('OIDCClientID tax-return', 'OIDCClientID apache')
    .replace('OIDCClientSecret "…"', `OIDCClientSecret "${secret}"`)
    .replace('OIDCCryptoPassphrase "…"', 'OIDCCryptoPassphrase "for the cookies of this trial"');
}

function configuration(): string {
  const modules = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'auth_openidc', 'dir', 'include'];
  return `
ServerRoot ${folder}
PidFile ${folder}/apache.pid
ErrorLog "|/bin/cat"
Listen ${new URL(rp).host}
ServerName ${rp}
${modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
${process.getuid?.() === 0 ? 'User nobody\nGroup nogroup' : ''}
DocumentRoot ${folder}/pages
DirectoryIndex index.html
AddDefaultCharset utf-8
<Directory ${folder}/pages>
  Options +Includes
  ForceType text/plain
  SetOutputFilter INCLUDES
</Directory>

${documented()}`;
}

test('signs in at basic, steps up to plus with the code alone, and signs out', async () => {
  const { kapu } = trial;
  const page = await trial.visitor();
  expect(await goThrough(kapu, page, `${rp}/account/`)).toEqual(['password']);
  expect(await said(page)).toEqual({ name: 'Szabóné Kiss Anna', acr: 'basic' });
  expect(await goThrough(kapu, page, `${rp}/plus/`)).toEqual(['email-code']);
  expect(await said(page)).toMatchObject({ acr: 'plus' });
  expect(page.url()).toBe(`${rp}/plus/`);
  await signOut(kapu, page, `${rp}/account/callback?logout=${encodeURIComponent(`${rp}/`)}`);
  expect(await said(page)).toMatchObject({ acr: '(none)' });
  expect(await goThrough(kapu, page, `${rp}/plus/`)).toEqual(['password', 'email-code']);
});
