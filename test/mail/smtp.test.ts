import { afterEach, describe, expect, test } from '@jest/globals';
import type { Mailer, Message } from '../../src/mail/mailer.ts';
import { createMailer, type MailerOptions } from '../../src/mail/smtp.ts';
import { type Smtp, type SmtpOptions, startSmtp } from '../support/smtp.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function smtp(options?: SmtpOptions): Promise<Smtp> {
  const server = await startSmtp(options);
  stops.push(() => server.stop());
  return server;
}

const transport = (name: string, { host, port }: { host: string; port: number }) => ({
  name,
  host,
  port,
  tls: 'none' as const,
});

/** A mailer, and all that it logs as one text. */
function mailer(
  transports: MailerOptions['transports'],
  more: Partial<MailerOptions> = {},
): { mailer: Mailer; logged: () => string } {
  const lines: string[] = [];
  const write = (fields: object, text: string) => void lines.push(`${text} ${JSON.stringify(fields)}`);
  const created = createMailer({
    from: 'Kapu <no-reply@kapu.example>',
    transports,
    connectPatience: 1,
    retryAfter: [],
    now: () => new Date(),
    log: { info: write, warn: write, error: write },
    ...more,
  });
  stops.push(() => created.end(0));
  return { mailer: created, logged: () => lines.join('\n') };
}

/** A message that expires in `seconds`. */
function message(more: Partial<Message> = {}, seconds = 60): Message {
  return {
    to: 'anna@demo.example',
    subject: 'Belépési kód – Minta Adóhivatal',
    text: 'A kód: 123456',
    html: '<p>A kód: <b>123456</b></p>',
    language: 'hu',
    expiresAt: new Date(Date.now() + seconds * 1000),
    ...more,
  };
}

/** A port that nothing listens on. */
async function deadEnd(): Promise<{ host: string; port: number }> {
  const server = await startSmtp();
  await server.stop();
  return server;
}

describe('a mail', () => {
  test('arrives whole, with the headers of an automatic mail', async () => {
    const server = await smtp();
    const { mailer: one } = mailer([transport('first', server)]);
    expect(await one.send(message())).toEqual({ outcome: 'sent', transport: 'first' });

    const [mail] = server.mails;
    expect(mail!.recipients).toEqual(['anna@demo.example']);
    expect(mail!.sender).toBe('no-reply@kapu.example');
    expect(mail!.from?.text).toBe('"Kapu" <no-reply@kapu.example>');
    expect(mail!.subject).toBe('Belépési kód – Minta Adóhivatal');
    expect(mail!.text?.trim()).toBe('A kód: 123456');
    expect(mail!.html).toBe('<p>A kód: <b>123456</b></p>');
    expect(mail!.headers.get('auto-submitted')).toBe('auto-generated');
    expect(mail!.headers.get('x-auto-response-suppress')).toBe('All');
    expect(mail!.headers.get('content-language')).toBe('hu');
    expect(mail!.messageId).toMatch(/^<[0-9a-f-]{36}@kapu\.example>$/);
  });

  test('two mails have two ids', async () => {
    const server = await smtp();
    const { mailer: one } = mailer([transport('first', server)]);
    await Promise.all([one.send(message()), one.send(message())]);
    expect(new Set(server.mails.map(({ messageId }) => messageId)).size).toBe(2);
  });

  test('neither address nor body is logged, sent or not', async () => {
    const server = await smtp();
    const { mailer: one, logged } = mailer([transport('first', server)]);
    await one.send(message());
    server.behave({ recipient: '550 5.1.1 <anna@demo.example> anna unknown here' });
    await one.send(message());
    server.behave({ data: '451 anna@demo.example wrote 123456' });
    await one.send(message());
    expect(logged()).toMatch(/mail sent .*a\*\*\*@demo\.example[\s\S]*mail not taken/);
    expect(logged()).not.toMatch(/anna|123456|Belépési/);
  });

  test('a sender that is not one address is a fault at start', () => {
    for (const from of ['Kapu', 'a@kapu.example, b@kapu.example', 'Kapu <a@kapu.example>\r\nBcc: b@kapu.example']) {
      expect(() => mailer([], { from })).toThrow('mail.from is not one e-mail address');
    }
  });
});

describe('ASVS 1.3.11: no text becomes a header or a second recipient', () => {
  test.each<[string, Partial<Message>]>([
    ['CR LF in the recipient', { to: 'anna@demo.example\r\nBcc: eve@demo.example' }],
    ['LF in the recipient', { to: 'anna@demo.example\nRCPT TO:<eve@demo.example>' }],
    ['a list', { to: 'anna@demo.example, eve@demo.example' }],
    ['a group', { to: 'all: anna@demo.example, eve@demo.example;' }],
    ['a name beside the address', { to: 'Eve <eve@demo.example>' }],
    ['a quoted local part', { to: '"anna@demo.example>, <eve"@demo.example' }],
    ['two at signs', { to: 'anna@demo.example@evil.example' }],
    ['a domain literal', { to: 'anna@[127.0.0.1]' }],
    ['NUL', { to: 'anna\0@demo.example' }],
    ['no address', { to: 'anna' }],
    ['CR LF in the subject', { subject: 'Code\r\nBcc: eve@demo.example' }],
    ['LF in the subject', { subject: 'Code\nX-Evil: 1' }],
    ['CR in the subject', { subject: 'Code\rX-Evil: 1' }],
    ['a line separator in the subject', { subject: 'Code\u2028X-Evil: 1' }],
    ['CR LF in the language', { language: 'hu\r\nX-Evil: 1' }],
  ])('%s is refused, and nothing is sent', async (_, wrong) => {
    const server = await smtp();
    const { mailer: one, logged } = mailer([transport('first', server)]);
    expect(await one.send(message(wrong))).toMatchObject({ outcome: 'failed' });
    expect(server.connections()).toBe(0);
    expect(logged()).not.toMatch(/eve@|X-Evil/);
  });

  test('a body that ends the message early stays a body', async () => {
    const server = await smtp();
    const { mailer: one } = mailer([transport('first', server)]);
    await one.send(message({ text: 'one\r\n.\r\nRCPT TO:<eve@demo.example>\r\n' }));
    expect(server.mails).toHaveLength(1);
    expect(server.mails[0]!.recipients).toEqual(['anna@demo.example']);
    expect(server.mails[0]!.text).toContain('RCPT TO:<eve@demo.example>');
  });
});

describe('one transport after another', () => {
  test.each([
    ['hangs before the greeting', 'hang' as const],
    ['hangs after the message', 'hang-after-data' as const],
    ['closes', 'close' as const],
    ['defers', 'defer' as const],
    ['turns everyone away', { greeting: '554 No SMTP service here' }],
    ['refuses the sender', { sender: '550 5.1.7 Bad sender' }],
    ['does not relay', { recipient: '554 5.7.1 Relay access denied' }],
    ['takes it for spam', { data: '554 5.7.1 Spam' }],
  ])('a provider that %s: the next takes over at once', async (_, behaviour) => {
    const [first, second] = [await smtp({ behaviour }), await smtp()];
    const { mailer: one } = mailer([transport('first', first), transport('second', second)]);
    expect(await one.send(message())).toEqual({ outcome: 'sent', transport: 'second' });
    expect(first.connections()).toBe(1);
    expect(second.mails).toHaveLength(1);
  });

  test('a provider that is not there: the next takes over', async () => {
    const second = await smtp();
    const { mailer: one } = mailer([transport('first', await deadEnd()), transport('second', second)]);
    expect(await one.send(message())).toEqual({ outcome: 'sent', transport: 'second' });
  });

  test('a provider that did not answer is asked last for a minute', async () => {
    let clock = Date.now();
    const [first, second] = [await smtp({ behaviour: 'close' }), await smtp()];
    const { mailer: one } = mailer([transport('first', first), transport('second', second)], {
      now: () => new Date(clock),
    });
    await one.send(message({}, 600));
    await one.send(message({}, 600));
    expect(first.connections()).toBe(1);
    first.behave('accept');
    clock += 61_000;
    expect(await one.send(message({}, 600))).toEqual({ outcome: 'sent', transport: 'first' });
  });

  test('an address that is refused for good is final: no other transport, no retry', async () => {
    const [first, second] = [await smtp({ behaviour: 'refuse' }), await smtp()];
    const { mailer: one } = mailer([transport('first', first), transport('second', second)], { retryAfter: [5, 5] });
    const delivery = await one.send(message());
    expect(delivery).toEqual({ outcome: 'failed', reason: 'the address is refused: RCPT TO: 550 5.1.1', final: true });
    expect([first.connections(), second.connections()]).toEqual([1, 0]);
  });
});

describe('round after round', () => {
  test('after all have failed they are asked again, until one takes it', async () => {
    const [first, second] = [await smtp({ behaviour: 'defer' }), await smtp({ behaviour: 'defer' })];
    const { mailer: one } = mailer([transport('first', first), transport('second', second)], {
      retryAfter: [20, 20, 20, 5000],
    });
    const delivery = one.send(message());
    while (second.connections() < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    second.behave('accept');
    expect(await delivery).toEqual({ outcome: 'sent', transport: 'second' });
    expect(second.mails).toHaveLength(1);
  });

  test('after the last pause it has failed, and the reason names each transport', async () => {
    const [first, second] = [
      await smtp({ behaviour: 'defer' }),
      await smtp({ behaviour: { greeting: '421 4.3.2 Too busy' } }),
    ];
    const { mailer: one } = mailer([transport('first', first), transport('second', second)], { retryAfter: [5, 5] });
    const delivery = await one.send(message());
    expect(delivery).toMatchObject({ outcome: 'failed' });
    expect(delivery).toHaveProperty('reason', expect.stringMatching(/first: RCPT TO: 451 4\.3\.0/));
    expect(delivery).toHaveProperty('reason', expect.stringMatching(/second: CONN: 421 4\.3\.2 Too busy/));
    expect([first.connections(), second.connections()]).toEqual([3, 3]);
  });

  test('a transport that refuses for good is not asked again; when all do, there is no next round', async () => {
    const [first, second] = [await smtp({ behaviour: { sender: '550 No' } }), await smtp({ behaviour: 'defer' })];
    const { mailer: one } = mailer([transport('first', first), transport('second', second)], { retryAfter: [5, 5] });
    await one.send(message());
    expect([first.connections(), second.connections()]).toEqual([1, 3]);

    second.behave({ sender: '550 No' });
    expect(await one.send(message())).toHaveProperty('reason', expect.stringMatching(/^every transport refuses it/));
    expect([first.connections(), second.connections()]).toEqual([2, 4]);
  });
});

describe('never after the message has expired', () => {
  test('an expired message does not even connect', async () => {
    const server = await smtp();
    const { mailer: one } = mailer([transport('first', server)]);
    expect(await one.send(message({}, 0))).toEqual({ outcome: 'failed', reason: 'the message has expired' });
    expect(server.connections()).toBe(0);
  });

  test('a conversation is cut off at that moment', async () => {
    const server = await smtp({ behaviour: 'hang' });
    const { mailer: one } = mailer([transport('first', server)], { connectPatience: 10 });
    const began = Date.now();
    expect(await one.send(message({}, 0.1))).toEqual({ outcome: 'failed', reason: 'the message has expired' });
    expect(Date.now() - began).toBeLessThan(2000);
  });

  test('no pause that would end too late is begun', async () => {
    const server = await smtp({ behaviour: 'defer' });
    const { mailer: one } = mailer([transport('first', server)], { retryAfter: [60_000] });
    expect(await one.send(message({}, 30))).toHaveProperty(
      'reason',
      expect.stringMatching(/^no time for another round: first/),
    );
    server.behave('accept');
    expect(server.mails).toEqual([]);
  });
});

describe('many at once', () => {
  test('connections are bounded, and every mail is sent', async () => {
    const server = await smtp();
    const { mailer: one } = mailer([transport('first', server)], { atOnce: 3 });
    const deliveries = await Promise.all(
      Array.from({ length: 30 }, (_, number) => one.send(message({ to: `p${number}@demo.example` }))),
    );
    expect(deliveries.every(({ outcome }) => outcome === 'sent')).toBe(true);
    // Those that are just closing overlap with those that take their place.
    expect(server.mostAtOnce()).toBeLessThanOrEqual(6);
    expect(new Set(server.mails.map(({ recipients }) => recipients[0])).size).toBe(30);
  });

  test('past the capacity a message fails at once, and says why', async () => {
    const server = await smtp({ behaviour: 'hang' });
    const { mailer: one } = mailer([transport('first', server)], { capacity: 2 });
    const inHand = [one.send(message()), one.send(message())];
    expect(await one.send(message())).toEqual({ outcome: 'failed', reason: '2 messages are being sent already' });
    await Promise.all(inHand);
    server.behave('accept');
    expect(await one.send(message())).toMatchObject({ outcome: 'sent' });
  });
});

test('messages for strangers take a part of the capacity: the others are not kept out', async () => {
  const server = await smtp({ behaviour: 'hang' });
  const { mailer: one } = mailer([transport('first', server)], { capacity: 20 });
  const strange = { ...message(), forStranger: true };
  const inHand = [one.send(strange), one.send(strange)];
  const reason = '2 messages for strangers are being sent already';
  expect(await one.send(strange)).toEqual({ outcome: 'failed', reason });
  server.behave('accept');
  expect(await one.send(message())).toMatchObject({ outcome: 'sent' });
  await Promise.all(inHand);
  expect(await one.send(strange)).toMatchObject({ outcome: 'sent' });
});

describe('the end', () => {
  test('waits for what is being sent', async () => {
    const server = await smtp({ behaviour: 'defer' });
    const { mailer: one } = mailer([transport('first', server)], { retryAfter: [50, 50] });
    const delivery = one.send(message());
    while (server.connections() < 1) await new Promise((resolve) => setTimeout(resolve, 5));
    server.behave('accept');
    await one.end(5000);
    expect(await delivery).toMatchObject({ outcome: 'sent' });
  });

  test('gives up after its patience, and takes nothing more', async () => {
    const server = await smtp({ behaviour: 'hang' });
    const { mailer: one } = mailer([transport('first', server)], { connectPatience: 30 });
    const delivery = one.send(message());
    await one.end(20);
    expect(await delivery).toEqual({ outcome: 'failed', reason: 'the mailer was closed' });
    expect(await one.send(message())).toEqual({ outcome: 'failed', reason: 'the mailer is closed' });
  });
});
