/** oidc-client-ts in Chromium: a page without a server that signs people in by itself. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Site, site } from './site.ts';
import { goThrough, said, signOut, startTrial, type Trial } from './trial.ts';

let trial: Trial;
let rp: Site;

beforeAll(async () => {
  rp = await site();
  trial = await startTrial({
    client_id: 'page',
    client_name: 'On oidc-client-ts',
    client_uri: `${rp.url}/`,
    profile: 'public',
    token_endpoint_auth_method: 'none',
    redirect_uris: [`${rp.url}/callback`],
    post_logout_redirect_uris: [`${rp.url}/`],
  });
  const entry = createRequire(import.meta.url).resolve('oidc-client-ts');
  const library = join(dirname(entry), '..', 'browser', 'oidc-client-ts.min.js');
  await rp.serve((app) => {
    app.get('/library.js', (_req, res) => void res.type('js').send(readFileSync(library)));
    app.get('/page.js', (_req, res) => void res.type('js').send(script(trial.kapu.issuer)));
    app.get(/.*/, (_req, res) => void res.type('html').send(page));
  });
});
afterAll(async () => {
  await rp?.stop();
  await trial?.end();
});

const page = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
<body><script src="/library.js"></script><script src="/page.js"></script>`;

/** From "new UserManager" on it is what docs/relying-parties.md shows. */
const script = (issuer: string) => `
const manager = new oidc.UserManager({
  authority: '${issuer}',
  client_id: 'page',
  redirect_uri: location.origin + '/callback',
  post_logout_redirect_uri: location.origin + '/',
  scope: 'openid profile',
  loadUserInfo: true,
  filterProtocolClaims: ['nonce', 'at_hash'], // otherwise acr and auth_time are taken out of the profile
});
const pages = {
  '/sign-in': () => manager.signinRedirect({ state: '/' }),
  '/callback': async () => location.replace((await manager.signinCallback()).state),
  '/plus': async () => {
    const user = await manager.getUser();
    if (user?.profile.acr === 'plus') return show({ open: true });
    await manager.signinRedirect({ acr_values: 'plus', state: '/plus' });
  },
  '/sign-out': () => manager.signoutRedirect(),
  '/': async () => show((await manager.getUser())?.profile ?? {}),
};
const show = (value) => { document.body.textContent = JSON.stringify(value); };
pages[location.pathname]().catch((fault) => show({ fault: String(fault) }));
`;

test('signs in at basic, steps up to plus with the code alone, and signs out', async () => {
  const { kapu } = trial;
  const page = await trial.visitor();
  expect(await goThrough(kapu, page, `${rp.url}/sign-in`)).toEqual(['password']);
  const profile = await said(page);
  expect(profile).toMatchObject({ acr: 'basic', name: 'Szabóné Kiss Anna', auth_time: expect.any(Number) });
  expect(await goThrough(kapu, page, `${rp.url}/plus`)).toEqual(['email-code']);
  expect(await said(page)).toEqual({ open: true });
  await page.goto(`${rp.url}/`);
  expect(await said(page)).toMatchObject({ acr: 'plus', amr: ['pwd', 'otp'], sub: profile.sub });
  await signOut(kapu, page, `${rp.url}/sign-out`);
  expect(await said(page)).toEqual({});
});
