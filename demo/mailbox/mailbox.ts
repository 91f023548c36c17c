/**
 * The mailbox of the demo: takes every mail over SMTP on loopback, whoever it is for, and shows it as its reader would see
 * it. For development only: no sign-in, no encryption, and it forgets.
 */

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Router from '@koa/router';
import ejs from 'ejs';
import Koa, { type Context } from 'koa';
import { SMTPServer } from 'smtp-server';
import { type MailboxMessage, Messages } from './messages.ts';
import { texts } from './texts.ts';

export interface Mailbox {
  url: string;
  smtpPort: number;
  stop(): Promise<void>;
}

export interface MailboxOptions {
  /** Of the page and the API. */
  port: number;
  /** Default: one that is free. */
  smtpPort?: number;
}

const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
const page = ejs.compile(read('page.ejs'), { strict: true, localsName: 'model', _with: false });
const assets: Record<string, { type: string; body: string }> = {
  'mailbox.css': { type: 'text/css', body: read('mailbox.css') },
  'refresh.js': { type: 'text/javascript', body: read('refresh.js') },
};

/** Our page runs its own files and nothing else; a mail runs nothing, loads nothing, and cannot reach the page around it. */
const pagePolicy =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const mailPolicy =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/** Starts both servers. Throws what listening throws, such as EADDRINUSE. */
export async function startMailbox({ port, smtpPort = 0 }: MailboxOptions): Promise<Mailbox> {
  const messages = new Messages();
  const web = createServer(application(messages).callback());
  await once(web.listen(port, 'localhost'), 'listening');
  const smtp = receiver(messages);
  try {
    await once(smtp.listen(smtpPort, '127.0.0.1'), 'listening');
  } catch (error) {
    web.close();
    throw error;
  }
  return {
    url: `http://localhost:${(web.address() as AddressInfo).port}`,
    smtpPort: (smtp.server.address() as AddressInfo).port,
    async stop() {
      web.closeAllConnections();
      await Promise.all([
        new Promise((stopped) => web.close(stopped)),
        new Promise<void>((stopped) => smtp.close(stopped)),
      ]);
    },
  };
}

function receiver(messages: Messages): SMTPServer {
  const smtp = new SMTPServer({
    banner: 'Kapu demo mailbox',
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    size: 1024 * 1024,
    closeTimeout: 50,
    logger: false,
    async onData(stream, { envelope }, callback) {
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk);
      const recipients = envelope.rcptTo.map(({ address }) => address);
      messages.add(Buffer.concat(chunks), recipients, new Date()).then(() => callback(), callback);
    },
  });
  smtp.on('error', () => {}); // A sender that breaks off has nothing to do with the mailbox.
  return smtp;
}

function application(messages: Messages): Koa {
  const router = new Router();
  const show = (ctx: Context, current: MailboxMessage | undefined) => {
    const locale = ctx.acceptsLanguages('en', 'hu') === 'hu' ? 'hu' : 'en';
    return page({ t: texts[locale], locale, list: messages.list(), current });
  };

  router.get('/', (ctx) => {
    ctx.body = show(ctx, messages.list()[0]);
  });
  router.get('/messages/:id', (ctx) => {
    const message = messages.find(ctx.params.id!);
    ctx.status = message ? 200 : 404;
    ctx.body = show(ctx, message);
  });
  router.get('/messages/:id/html', (ctx) => {
    const message = messages.find(ctx.params.id!);
    if (!message) return;
    ctx.set('Content-Security-Policy', mailPolicy);
    ctx.type = 'html';
    ctx.body = message.html;
  });

  router.get('/api/messages', (ctx) => {
    const { to } = ctx.query;
    ctx.body = messages.list(Array.isArray(to) ? to[0] : to);
  });
  router.delete('/api/messages', (ctx) => {
    messages.empty();
    ctx.status = 204;
  });

  router.get('/:asset', (ctx) => {
    const asset = Object.hasOwn(assets, ctx.params.asset!) ? assets[ctx.params.asset!] : undefined;
    if (!asset) return;
    ctx.type = asset.type;
    ctx.body = asset.body;
  });

  const app = new Koa();
  app.use(async (ctx, next) => {
    ctx.set({
      'Content-Security-Policy': pagePolicy,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'no-store',
    });
    await next();
  });
  app.use(router.routes()).use(router.allowedMethods());
  return app;
}
