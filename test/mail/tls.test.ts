import tls from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Message } from '../../src/mail/mailer.ts';
import { createMailer, type MailerOptions } from '../../src/mail/smtp.ts';
import { selfSigned } from '../support/certificate.ts';
import { type Smtp, type SmtpOptions, startSmtp } from '../support/smtp.ts';

const trusted = selfSigned('localhost');
const unknown = selfSigned('localhost');
const stops: (() => Promise<void>)[] = [];
const before = tls.getCACertificates('default');

beforeAll(() => tls.setDefaultCACertificates([...before, trusted.cert]));
afterAll(() => tls.setDefaultCACertificates(before));
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function smtp(options: SmtpOptions): Promise<Smtp> {
  const server = await startSmtp(options);
  stops.push(() => server.stop());
  return server;
}

type TransportSettings = MailerOptions['transports'][number];

function mailer(server: Smtp, settings: Pick<TransportSettings, 'tls'> & Partial<TransportSettings>) {
  const silent = () => {};
  const created = createMailer({
    from: 'no-reply@kapu.example',
    transports: [{ name: 'one', host: server.host, port: server.port, ...settings }],
    connectPatience: 2,
    retryAfter: [],
    now: () => new Date(),
    log: { info: silent, warn: silent, error: silent },
  });
  stops.push(() => created.end(0));
  return created;
}

const message = (): Message => ({
  to: 'john@demo.example',
  subject: 'Code',
  text: 'Code',
  html: '<p>Code</p>',
  language: 'en',
  expiresAt: new Date(Date.now() + 60_000),
});

describe('TLS (ASVS 12.3.1)', () => {
  test.each(['implicit', 'starttls'] as const)('%s: the mail goes over TLS', async (kind) => {
    const server = await smtp({ tls: kind, certificate: trusted });
    expect(await mailer(server, { tls: kind }).send(message())).toMatchObject({ outcome: 'sent' });
    expect(server.mails[0]!.secure).toBe(true);
  });

  test.each(['implicit', 'starttls'] as const)('%s: a certificate of nobody we know is refused', async (kind) => {
    const server = await smtp({ tls: kind, certificate: unknown });
    expect(await mailer(server, { tls: kind }).send(message())).toMatchObject({ outcome: 'failed' });
    expect(server.mails).toEqual([]);
  });

  test.each(['implicit', 'starttls'] as const)('%s: a certificate for another name is refused', async (kind) => {
    const other = selfSigned('other.example');
    tls.setDefaultCACertificates([...before, trusted.cert, other.cert]);
    const server = await smtp({ tls: kind, certificate: other });
    const delivery = await mailer({ ...server, host: 'localhost' }, { tls: kind }).send(message());
    expect(delivery).toHaveProperty('reason', expect.stringMatching(/altnames/));
    expect(server.mails).toEqual([]);
  });

  test('starttls: a server that does not offer it gets no mail', async () => {
    const server = await smtp({ tls: 'none' });
    const delivery = await mailer(server, { tls: 'starttls' }).send(message());
    expect(delivery).toMatchObject({ outcome: 'failed' });
    expect(server.mails).toEqual([]);
  });

  test('starttls: user and password wait for TLS', async () => {
    const user = { name: 'kapu', password: 'secret' };
    const plain = await smtp({ tls: 'none', user });
    expect(await mailer(plain, { tls: 'starttls', user: 'kapu', password: 'secret' }).send(message())).toMatchObject({
      outcome: 'failed',
    });
    const secure = await smtp({ tls: 'starttls', certificate: trusted, user });
    expect(await mailer(secure, { tls: 'starttls', user: 'kapu', password: 'secret' }).send(message())).toMatchObject({
      outcome: 'sent',
    });
  });

  test('none: for the demo, no TLS even where it is offered, so that a self-signed catcher works', async () => {
    const server = await smtp({ tls: 'starttls', certificate: unknown });
    expect(await mailer(server, { tls: 'none' }).send(message())).toMatchObject({ outcome: 'sent' });
    expect(server.mails[0]!.secure).toBe(false);
  });
});

describe('check', () => {
  const user = { name: 'kapu', password: 'secret' };

  test('greets and signs in, and sends nothing', async () => {
    const server = await smtp({ tls: 'starttls', certificate: trusted, user });
    const one = mailer(server, { tls: 'starttls', user: 'kapu', password: 'secret' });
    expect(await one.check()).toEqual([{ transport: 'one' }]);
    expect(server.mails).toEqual([]);
  });

  test.each<[string, SmtpOptions, RegExp]>([
    ['a wrong password', { user: { name: 'kapu', password: 'another' } }, /535 5\.7\.8/],
    ['a server that hangs', { behaviour: 'hang' }, /ETIMEDOUT/],
    ['a server that closes', { behaviour: 'close' }, /ECONNECTION/],
    ['a server without STARTTLS', { tls: 'none' }, /STARTTLS/],
    ['a certificate of nobody we know', { certificate: unknown }, /self-signed certificate/],
  ])('names the problem: %s', async (_, options, problem) => {
    const server = await smtp({ tls: 'starttls', certificate: trusted, user, ...options });
    const one = mailer(server, { tls: 'starttls', user: 'kapu', password: 'secret' });
    expect(await one.check()).toEqual([{ transport: 'one', problem: expect.stringMatching(problem) }]);
  });
});
