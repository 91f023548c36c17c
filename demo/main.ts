/**
 * `npm run demo`: Kapu on its embedded stores, a service that people sign in to, and the mailbox that their codes arrive in,
 * all in one process on loopback. Ctrl-C ends them. KAPU_DEMO_PORT moves them.
 */

import { join } from 'node:path';
import { demoPassword, demoPeople, demoSettings } from '../config/demo.ts';
import { settingsSchema } from '../config/settings.ts';
import { compose } from '../src/compose.ts';
import { createLog } from '../src/log.ts';
import { ensureKeys } from '../src/oidc/keys/keys.ts';
import { createBrowserApp } from './browser-app/browser-app.ts';
import { createExplainerPage } from './explainer/explainer.ts';
import { startMailbox } from './mailbox/mailbox.ts';
import { seed } from './seed.ts';
import { startService } from './service/service.ts';

const port = Number(process.env.KAPU_DEMO_PORT ?? 3000);
if (!Number.isInteger(port) || port < 1 || port > 65532) {
  fail(`KAPU_DEMO_PORT is '${process.env.KAPU_DEMO_PORT}', and needs to be a port from 1 to 65532`);
}

try {
  const mailbox = await startMailbox({ port: port + 2 });
  const folder = join(import.meta.dirname, '..', 'data', 'demo');
  const settings = settingsSchema.parse(demoSettings({ port, smtpPort: mailbox.smtpPort, folder }));
  await ensureKeys(settings.keysFile, ['ES256', 'RS256'], () => new Date());
  // What happens is told by the pages; the terminal hears of what went wrong.
  const kapu = await compose(settings, { log: createLog({ level: process.env.KAPU_DEMO_LOG ?? 'error' }) });
  await seed(kapu.records, settings, port);
  await kapu.start();
  const service = await startService({
    port: port + 1,
    issuer: settings.issuer,
    clientId: 'demo-service',
    clientSecret: 'demo-service-secret-0123456789abcdef',
    mailboxUrl: mailbox.url,
    browserApp: (localeOf) => createBrowserApp({ issuer: settings.issuer, clientId: 'demo-browser' }, localeOf),
    explainer: (surroundings) => createExplainerPage({ settings, records: kapu.records }, surroundings),
  });

  let ending = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, async () => {
      if (ending) process.exit(1);
      ending = true;
      await Promise.allSettled([service.stop(), kapu.stop(), mailbox.stop()]);
      process.exit(0);
    });
  }

  console.log(`
Kapu is running.

  The demo service   ${service.url}   start here
  The mailbox        ${mailbox.url}   codes arrive here
  Kapu itself        ${settings.issuer}
  Health, metrics    http://127.0.0.1:${settings.operations.port}/health/ready

  People             ${demoPeople.map(({ username }) => username).join(', ')} (bela has no e-mail address)
  Their password     ${demoPassword}

Ctrl-C ends it.`);
} catch (error) {
  const { code, port: taken, message } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE') fail(`port ${taken} is taken: end what uses it, or set KAPU_DEMO_PORT to another port`);
  fail(message);
}

function fail(reason: string): never {
  console.error(`The demo cannot start: ${reason}`);
  process.exit(1);
}
