import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createTransport } from 'nodemailer';
import { type Mailbox, startMailbox } from '../../demo/mailbox/mailbox.ts';
import { type MailboxMessage, Messages } from '../../demo/mailbox/messages.ts';

let mailbox: Mailbox;

beforeEach(async () => {
  mailbox = await startMailbox({ port: 0 });
});
afterEach(() => mailbox.stop());

async function mail(to: string, subject: string, more: object = {}): Promise<void> {
  const smtp = createTransport({ host: '127.0.0.1', port: mailbox.smtpPort, ignoreTLS: true });
  await smtp.sendMail({ from: 'Kapu <no-reply@demo.example>', to, subject, text: 'A kód: 123456', ...more });
}

async function messages(query = ''): Promise<MailboxMessage[]> {
  const response = await fetch(`${mailbox.url}/api/messages${query}`);
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  return (await response.json()) as MailboxMessage[];
}

describe('the API', () => {
  test('gives what came over SMTP, newest first', async () => {
    await mail('anna@demo.example', 'Első', {
      html: '<p>A kód: <b>123456</b></p>',
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
    await mail('john@demo.example', 'Second');
    const [newest, oldest] = await messages();
    expect(newest).toMatchObject({ to: 'john@demo.example', subject: 'Second', html: '' });
    expect(oldest).toEqual({
      id: expect.any(String),
      to: 'anna@demo.example',
      from: 'Kapu <no-reply@demo.example>',
      subject: 'Első',
      text: 'A kód: 123456',
      html: '<p>A kód: <b>123456</b></p>',
      headers: expect.objectContaining({ 'auto-submitted': 'auto-generated', to: 'anna@demo.example' }),
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    });
    expect(newest!.id).not.toBe(oldest!.id);
  });

  test('gives those to one address, whatever its case', async () => {
    await mail('anna@demo.example', 'one');
    await mail('john@demo.example, anna@demo.example', 'two');
    await mail('john@demo.example', 'three');
    expect((await messages('?to=Anna@demo.example')).map(({ subject }) => subject)).toEqual(['two', 'one']);
    expect(await messages('?to=bela@demo.example')).toEqual([]);
  });

  test('is emptied by DELETE', async () => {
    await mail('anna@demo.example', 'one');
    expect((await fetch(`${mailbox.url}/api/messages`, { method: 'DELETE' })).status).toBe(204);
    expect(await messages()).toEqual([]);
  });
});

describe('the page', () => {
  const get = (path: string) => fetch(`${mailbox.url}${path}`);

  test('says when there is nothing', async () => {
    expect(await (await get('/')).text()).toContain('No mail yet');
  });

  test('shows the newest mail, and any other by its link', async () => {
    await mail('anna@demo.example', 'Belépési kód <Minta>', { html: '<p>1</p>' });
    await mail('john@demo.example', 'Sign-in code', { html: '<p>2</p>' });
    const [second, first] = await messages();
    const page = await (await get('/')).text();
    expect(page).toContain('<h2 id="subject">Sign-in code</h2>');
    expect(page).toContain(`src="/messages/${second!.id}/html" sandbox`);
    expect(page).toContain(`href="/messages/${first!.id}"`);
    expect(await (await get(`/messages/${first!.id}`)).text()).toContain(
      '<h2 id="subject">Belépési kód &lt;Minta&gt;</h2>',
    );
  });

  test('a mail runs nothing, loads nothing, and cannot reach the page', async () => {
    await mail('anna@demo.example', 'evil', { html: '<script>alert(1)</script><img src="https://evil.example/">' });
    const [{ id }] = (await messages()) as [MailboxMessage];
    const policy = (await get(`/messages/${id}/html`)).headers.get('content-security-policy');
    expect(policy).toMatch(/^sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:;/);
    expect(await (await get('/')).text()).not.toContain('alert(1)</script>');
  });

  test('what is not there is 404, and leads back', async () => {
    await mail('anna@demo.example', 'one');
    const gone = await get('/messages/999');
    expect(gone.status).toBe(404);
    expect(await gone.text()).toContain('not here any more');
    expect((await get('/messages/999/html')).status).toBe(404);
    expect((await get('/constructor')).status).toBe(404);
  });

  test('its own files are served', async () => {
    expect((await get('/mailbox.css')).headers.get('content-type')).toMatch(/^text\/css/);
    expect((await get('/refresh.js')).headers.get('content-type')).toMatch(/^text\/javascript/);
  });
});

test('a port that is taken is said so, and nothing is left behind', async () => {
  const { port } = new URL(mailbox.url);
  await expect(startMailbox({ port: Number(port) })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await expect(startMailbox({ port: 0, smtpPort: mailbox.smtpPort })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

test('at most 500 mails are kept, the newest', async () => {
  const kept = new Messages();
  for (let number = 1; number <= 502; number++) {
    await kept.add(Buffer.from(`Subject: ${number}\r\n\r\n`), ['anna@demo.example'], new Date());
  }
  expect(kept.list()).toHaveLength(500);
  expect(kept.list()[0]!.subject).toBe('502');
  expect(kept.list().at(-1)!.subject).toBe('3');
  expect(kept.find('2')).toBeUndefined();
});
