/** RFC 9470 end to end: the demo service asks its API, hears what the API wants, steps up, and asks again. */

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { demoPassword } from '../../config/demo.ts';
import { type Service, startService } from '../../demo/service/service.ts';
import { Agent, type Page, textOf } from '../support/agent.ts';
import { testClock } from '../support/clock.ts';
import { startKapu, type TestKapu } from '../support/kapu.ts';

let kapu: TestKapu;
let service: Service;
const realNow = Date.now;
const clock = testClock();

beforeAll(async () => {
  const { now } = clock;
  Date.now = () => now().getTime();
  kapu = await startKapu({ clock });
  service = await startService({
    port: Number(new URL(kapu.issuer).port) + 1,
    issuer: kapu.issuer,
    clientId: 'demo-service',
    clientSecret: 'demo-service-secret-0123456789abcdef',
    now,
  });
});
afterEach(() => clock.goTo(0));
afterAll(async () => {
  Date.now = realNow;
  await service?.stop();
  await kapu?.stop();
});

/** One browser, that goes to and fro between the service and Kapu. */
class Traveller {
  readonly at = new Agent({ origin: service.url, language: 'en' });
  readonly kapu = new Agent({ origin: kapu.issuer, language: 'en' }, this.at.jar);

  /** Follows wherever it leads, on both servers. */
  async go(start: URL): Promise<Page> {
    let url = start;
    for (let changes = 0; changes < 6; changes++) {
      const agent = url.origin === kapu.issuer ? this.kapu : this.at;
      const page = await agent.get(url);
      if (page.status < 300 || page.status > 399) return page;
      url = page.url;
    }
    throw new Error(`sent to and fro without end, last to ${url.href}`);
  }

  async submit(page: Page, fields: Record<string, string>): Promise<Page> {
    const next = await this.kapu.submit(page, fields);
    return next.status >= 300 && next.status < 400 ? this.go(next.url) : next;
  }
}

const returnPage = () => new URL('/tax-return', service.url);
const password = { username: 'anna', password: demoPassword };

describe('the tax return wants plus, no older than five minutes', () => {
  test('from nothing: password, then the challenge leads to the code alone, then the return', async () => {
    const person = new Traveller();
    const signIn = await person.go(returnPage());
    expect(signIn.url.pathname).toMatch(/\/password$/);
    const code = await person.submit(signIn, password);
    expect(code.url.pathname).toMatch(/\/email-code$/);
    const done = await person.submit(code, { code: await kapu.code('anna@demo.example') });
    expect(textOf(done)).toContain('HUF');
    expect(textOf(done)).toContain('Plus');
  });

  test('six minutes later the same page asks again, for what the API says it wants', async () => {
    const person = new Traveller();
    const mails = kapu.mailsTo('anna@demo.example').length;
    const code = await person.submit(await person.go(returnPage()), password);
    await person.submit(code, { code: await kapu.code('anna@demo.example', mails + 1) });
    await clock.pass(6 * 60 * 1000);
    // The password's proof is older than max_age as well, and so it is asked too.
    const again = await person.go(returnPage());
    expect(again.url.pathname).toMatch(/\/password$/);
    const second = await person.submit(again, password);
    const done = await person.submit(second, { code: await kapu.code('anna@demo.example', mails + 2) });
    expect(textOf(done)).toContain('HUF');
  });

  test('who cannot reach plus is told so, and not sent round in circles', async () => {
    const person = new Traveller();
    const page = await person.submit(await person.go(returnPage()), { username: 'bela', password: demoPassword });
    expect(page.status).toBe(403);
    expect(textOf(page)).toContain('unmet_authentication_requirements');
  });
});
