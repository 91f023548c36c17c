/** The demo's page that explains requests: its form, its examples, both languages, and what is typed into it. */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createExplainerPage } from '../../demo/explainer/explainer.ts';
import { type Service, startService } from '../../demo/service/service.ts';
import { Agent, type Page, textOf } from '../support/agent.ts';
import { startKapu, type TestKapu } from '../support/kapu.ts';
import { freePort } from '../support/ports.ts';

let kapu: TestKapu;
let service: Service;

beforeAll(async () => {
  kapu = await startKapu();
  service = await start(kapu.issuer, Number(new URL(kapu.issuer).port) + 1);
});
afterAll(async () => {
  await service?.stop();
  await kapu?.stop();
});

function start(issuer: string, port: number): Promise<Service> {
  return startService({
    port,
    issuer,
    clientId: 'demo-service',
    clientSecret: 'demo-service-secret-0123456789abcdef',
    mailboxUrl: 'http://localhost:3002',
    explainer: (surroundings) => createExplainerPage({ settings: kapu.settings, records: kapu.records }, surroundings),
  });
}

const browser = (language = 'en') => new Agent({ origin: service.url, language });
const explain = (fields: Record<string, string>, language?: string): Promise<Page> =>
  browser(language).post('/explain', fields);

/** The request that the service makes for its button. */
async function request(path = '/sign-in'): Promise<string> {
  return (await browser().get(path)).headers.get('location')!;
}

test('the start page of the demo leads to it, and the switch of language stays there', async () => {
  expect((await browser().get('/')).html).toContain('<a href="/explain">What will Kapu ask?</a>');
  const agent = browser();
  expect((await agent.get('/explain')).html).toContain('<h1>What will Kapu ask?</h1>');
  const switched = await agent.get('/language/hu?to=/explain');
  expect([switched.url.pathname, switched.html.includes('<h1>Mit fog kérni a Kapu?</h1>')]).toEqual(['/explain', true]);
  expect((await agent.get('/language/en?to=//evil.example')).url.pathname).toBe('/');
});

test.each([
  ['sign-in', /the person sees one page.* acr 'basic'/, 'Username and password: nobody is signed in.'],
  ['plus', /the person sees 2 pages.* acr 'plus'/, "Email code: level 'plus' needs it."],
  ['step-up', /the person sees one page.* acr 'plus'/, "Email code: level 'plus' needs it."],
])("the office's own request: %s", async (name, summary, step) => {
  const page = await browser().get(`/explain?example=${name}`);
  expect(page.status).toBe(200);
  const words = textOf(page).replaceAll('&#39;', "'");
  expect(words).toMatch(summary);
  expect(words).toContain(step);
  expect(words).toContain('service Sample Tax Office (demo-service)');
  expect(words).toContain('What to change Nothing.');
  expect(page.html).toMatch(/<textarea [^>]*>http:\/\/localhost:\d+\/auth\?/);
});

test('an example that is none shows the form', async () => {
  const page = await browser().get('/explain?example=constructor');
  expect([page.status, page.html.includes('id="result"')]).toEqual([200, false]);
});

describe('what is posted', () => {
  test('is explained for the person and the session that were chosen', async () => {
    const url = await request('/sign-in?level=plus');
    const anna = textOf(await explain({ url, session: 'plus', age: '60', person: 'anna' }));
    expect(anna).toContain('the person sees no page');
    const aged = textOf(await explain({ url, session: 'plus', age: '1200', person: 'anna' }, 'hu'));
    expect(aged).toContain('a legutóbbi régebbi, mint amit a „plus” szint megenged');
    const bela = await explain({ url, session: 'basic', age: '60', person: 'bela' });
    expect(textOf(bela)).toMatch(/This fails.*unmet_authentication_requirements/);
    expect(bela.html).toMatch(/<li class="error"><strong>error:<\/strong> bela has no way to level/);
  });

  test('stays in the form', async () => {
    const url = await request();
    const { html } = await explain({ url, session: 'basic', age: '300', person: 'john' });
    for (const value of ['basic', '300', 'john']) expect(html).toContain(`<option value="${value}" selected>`);
    expect(html).toContain(url.replaceAll('&', '&amp;'));
  });

  test('may be a request of any client', async () => {
    const url = (await request()).replace('demo-service', 'demo-library');
    expect(textOf(await explain({ url }))).toContain('invalid_redirect_uri');
  });

  test('is shown as text, whatever it is', async () => {
    const { html } = await explain({ url: '"><script>alert(1)</script>', session: '"><b>', person: '' });
    expect(html).not.toMatch(/<script|<b>/);
  });

  test.each([
    [{}, 422, 'Paste the address of the request.'],
    [{ url: 'x', person: 'nobody' }, 422, 'There is no such person.'],
    [{ url: 'x', session: 'gold' }, 422, 'There is no such level.'],
    [{ url: 'x', session: 'plus', person: 'bela' }, 422, 'This person cannot have signed in at that level'],
    [{ url: 'x' }, 200, 'This fails: it is no authorization request to this Kapu.'],
  ])('%j: %i', async (fields, status, words) => {
    const page = await explain(fields);
    expect([page.status, textOf(page).includes(words)]).toEqual([status, true]);
  });

  test('is never called, and not kept in an address or an answer', async () => {
    const lines = kapu.log.length;
    const url = await request();
    const page = await explain({ url: `${url}&client_secret=never-show-me-this` });
    expect(page.url.search).toBe('');
    expect(page.headers.get('cache-control')).toBe('no-store');
    // The form holds what was pasted, and nothing else repeats it.
    expect(page.html.match(/never-show-me-this/g)).toHaveLength(1);
    expect(kapu.log.slice(lines).filter((line) => line.includes('"route":"authorization"'))).toEqual([]);
  });

  test('is refused when it is longer than any address', async () => {
    expect((await explain({ url: 'x'.repeat(40_000) })).status).toBe(413);
  });

  test('twice in one form is read as not at all', async () => {
    const page = await browser().postRaw('/explain', 'url=a&url=b', {
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(page.status).toBe(422);
  });
});

test('a service whose Kapu is away still explains what is pasted', async () => {
  const lonely = await start(`http://localhost:${await freePort()}`, 0);
  try {
    const agent = new Agent({ origin: lonely.url, language: 'en' });
    const example = await agent.get('/explain?example=plus');
    expect([example.status, textOf(example).includes('Kapu cannot be reached')]).toEqual([503, true]);
    expect((await agent.post('/explain', { url: await request() })).status).toBe(200);
  } finally {
    await lonely.stop();
  }
});
