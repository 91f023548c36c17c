import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Service, startService } from '../../demo/service/service.ts';
import { Agent, type Page } from '../support/agent.ts';
import { freePort } from '../support/ports.ts';
import { type Issuer, startIssuer } from './issuer.ts';

const clientId = 'demo-service';
let issuer: Issuer;
let service: Service;

beforeEach(async () => {
  issuer = await startIssuer(clientId);
  service = await start(issuer.url);
});
afterEach(async () => {
  await service.stop();
  await issuer.stop();
});

function start(issuerUrl: string): Promise<Service> {
  return startService({
    port: 0,
    issuer: issuerUrl,
    clientId,
    clientSecret: 'demo-service-secret-0123456789abcdef',
    mailboxUrl: 'http://localhost:3002',
  });
}

const browser = (language = 'en') => new Agent({ origin: service.url, language });

/** Presses a sign-in button; gives where the person is sent. */
async function press(agent: Agent, path: string): Promise<URLSearchParams> {
  const { headers } = await agent.get(path);
  const sentTo = new URL(headers.get('location')!);
  expect(sentTo.origin + sentTo.pathname).toBe(`${issuer.url}/auth`);
  return sentTo.searchParams;
}

/** Comes back from the issuer. */
function comeBack(agent: Agent, answer: Record<string, string>): Promise<Page> {
  return agent.get(`/callback?${new URLSearchParams(answer)}`);
}

/** Signs in, with a token that has `claims`. */
async function signIn(agent: Agent, path: string, claims: object): Promise<Page> {
  const asked = await press(agent, path);
  issuer.say({ nonce: asked.get('nonce')!, auth_time: 1_793_000_000, ...claims });
  return comeBack(agent, { code: 'c', state: asked.get('state')! });
}

describe('signed out', () => {
  test('offers both ways to sign in, in the language of the browser', async () => {
    const english = await browser('en').get('/');
    expect(english.html).toContain('<html lang="en">');
    expect(english.html).toMatch(/href="\/sign-in">Sign in<[\s\S]*href="\/sign-in\?level=plus">Sign in with plus</);
    const hungarian = await browser('hu-HU,hu;q=0.9,en;q=0.5').get('/');
    expect(hungarian.html).toContain('<html lang="hu">');
    expect(hungarian.html).toContain('>Bejelentkezés<');
    expect((await browser('de').get('/')).html).toContain('<html lang="en">');
  });

  test('the switch changes the language, and it stays', async () => {
    const agent = browser('en');
    expect((await agent.get('/language/hu')).html).toContain('<html lang="hu">');
    expect((await agent.get('/')).html).toContain('<html lang="hu">');
    expect((await press(agent, '/sign-in')).get('ui_locales')).toBe('hu');
    expect((await agent.get('/language/xx')).status).toBe(404);
  });

  test('tells whom to sign in as, and where the codes arrive', async () => {
    const { html } = await browser().get('/');
    expect(html).toMatch(/anna<[\s\S]*kapu-demo-2026<[\s\S]*href="http:\/\/localhost:3002"/);
  });
});

describe('the request', () => {
  test('is code flow with PKCE, state and nonce, and asks no level', async () => {
    const asked = await press(browser(), '/sign-in');
    expect(Object.fromEntries(asked)).toEqual({
      client_id: clientId,
      response_type: 'code',
      redirect_uri: `${service.url}/callback`,
      scope: 'openid profile email tax.read',
      resource: `${service.url}/api`,
      state: expect.stringMatching(/^.{43}$/),
      nonce: expect.stringMatching(/^.{43}$/),
      code_challenge: expect.stringMatching(/^.{43}$/),
      code_challenge_method: 'S256',
      ui_locales: 'en',
    });
  });

  test('with plus asks for it as an essential claim', async () => {
    const asked = await press(browser(), '/sign-in?level=plus');
    expect(JSON.parse(asked.get('claims')!)).toEqual({ id_token: { acr: { essential: true, value: 'plus' } } });
  });

  test('of two tabs are two, and both come back well', async () => {
    const agent = browser();
    const [one, other] = [await press(agent, '/sign-in'), await press(agent, '/sign-in?level=plus')];
    expect(one.get('state')).not.toBe(other.get('state'));
    issuer.say({ nonce: one.get('nonce')!, acr: 'basic' });
    expect((await comeBack(agent, { code: 'c', state: one.get('state')! })).html).toContain('Signed in');
    issuer.say({ nonce: other.get('nonce')!, acr: 'plus' });
    expect((await comeBack(agent, { code: 'c', state: other.get('state')! })).html).toContain('You can submit');
  });
});

describe('signed in', () => {
  test('at basic: says who, at which level, how and when, and offers the step up', async () => {
    const page = await signIn(browser(), '/sign-in', { acr: 'basic', amr: ['pwd'] });
    expect(page.url.pathname).toBe('/');
    expect(page.html).toContain('<strong>Szabóné Kiss &lt;Anna&gt;</strong>');
    expect(page.html).toMatch(
      /<dt>Level<\/dt><dd>Basic<[\s\S]*<dt>How<\/dt><dd>password<[\s\S]*<dt>When<\/dt><dd>26 October 2026/,
    );
    expect(page.html).toContain('href="/sign-in?level=plus">Step up to plus<');
    expect(page.html).toContain('&#34;acr&#34;: &#34;basic&#34;');
  });

  test('at plus: nothing more to step up to', async () => {
    const page = await signIn(browser(), '/sign-in?level=plus', { acr: 'plus', amr: ['pwd', 'otp'] });
    expect(page.html).toMatch(/<dd>Plus<[\s\S]*<dd>password, one-time code</);
    expect(page.html).not.toContain('Step up');
  });

  test('under a new session id', async () => {
    const agent = browser();
    const asked = await press(agent, '/sign-in');
    const before = agent.copy();
    issuer.say({ nonce: asked.get('nonce')!, acr: 'basic' });
    await comeBack(agent, { code: 'c', state: asked.get('state')! });
    expect((await before.get('/')).html).not.toContain('Signed in');
  });

  test('signing out ends it here, and goes on to Kapu with the token', async () => {
    const agent = browser();
    await signIn(agent, '/sign-in', { acr: 'basic' });
    const { status, headers } = await agent.post('/sign-out', {});
    expect(status).toBe(303);
    const sentTo = new URL(headers.get('location')!);
    expect(sentTo.origin + sentTo.pathname).toBe(`${issuer.url}/session/end`);
    expect(sentTo.searchParams.get('id_token_hint')).toMatch(/^ey/);
    expect(sentTo.searchParams.get('post_logout_redirect_uri')).toBe(`${service.url}/`);
    expect((await agent.get('/')).html).not.toContain('Signed in');
  });
});

describe('what goes wrong is said in plain words, with a way on', () => {
  test.each([
    ['access_denied', 'You cancelled signing in'],
    ['unmet_authentication_requirements', 'Level plus was not reached'],
    ['login_required', 'Please sign in'],
    ['temporarily_unavailable', 'Kapu cannot be reached'],
    ['invalid_scope', 'Signing in did not work'],
  ])('%s: %s', async (error, words) => {
    const agent = browser();
    const asked = await press(agent, '/sign-in?level=plus');
    const page = await comeBack(agent, { error, state: asked.get('state')! });
    expect(page.html).toContain(words);
    expect(page.html).toContain(`<code>${error}</code>`);
    expect(page.html).toContain('href="/sign-in?level=plus">Try again<');
    expect(page.html).toContain('href="/">Start page<');
  });

  test('a genuine token with a weaker level than was asked does not sign in', async () => {
    const agent = browser();
    const page = await signIn(agent, '/sign-in?level=plus', { acr: 'basic' });
    expect(page.status).toBe(403);
    expect(page.html).toContain('Level plus was not reached');
    expect((await agent.get('/')).html).not.toContain('Signed in');
  });

  test('a failed step up leaves the person signed in at basic', async () => {
    const agent = browser();
    await signIn(agent, '/sign-in', { acr: 'basic' });
    const asked = await press(agent, '/sign-in?level=plus');
    await comeBack(agent, { error: 'access_denied', state: asked.get('state')! });
    expect((await agent.get('/')).html).toContain('Signed in');
  });

  test('a token for another sign-in does not sign in', async () => {
    const page = await signIn(browser(), '/sign-in', { nonce: 'of-another', acr: 'basic' });
    expect(page.status).toBe(502);
    expect(page.html).toContain('Signing in did not work');
  });

  test('an answer that nobody asked for, twice the same, or in another browser', async () => {
    const agent = browser();
    const asked = await press(agent, '/sign-in');
    const answer = { code: 'c', state: asked.get('state')! };
    expect((await comeBack(browser(), answer)).html).toContain('This sign-in cannot go on');
    issuer.say({ nonce: asked.get('nonce')!, acr: 'basic' });
    expect((await comeBack(agent, answer)).html).toContain('Signed in');
    expect((await comeBack(agent, answer)).html).toContain('This sign-in cannot go on');
    expect((await agent.get('/callback')).status).toBe(400);
  });

  test('a page that is not there', async () => {
    const page = await browser('hu').get('/nowhere');
    expect(page.status).toBe(404);
    expect(page.html).toMatch(/Nincs ilyen oldal[\s\S]*href="\/">Kezdőlap/);
  });

  test('Kapu away: said so, and once it has started everything works', async () => {
    const port = await freePort();
    const early = await start(`http://localhost:${port}`);
    try {
      const agent = new Agent({ origin: early.url, language: 'en' });
      const away = await agent.get('/sign-in?level=plus');
      expect(away.status).toBe(503);
      expect(away.html).toMatch(/Kapu cannot be reached[\s\S]*href="\/sign-in\?level=plus">Try again</);
      const late = await startIssuer(clientId, port);
      expect((await agent.get('/sign-in')).headers.get('location')).toMatch(`${late.url}/auth?`);
      await late.stop();
    } finally {
      await early.stop();
    }
  });
});
