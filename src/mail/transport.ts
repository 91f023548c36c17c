/**
 * One transport: a provider's SMTP server, spoken to through nodemailer. It makes one attempt and says what came of
 * it; whether to try again, and where, is decided in smtp.ts. nodemailer is loaded with the first attempt: it takes a tenth of the time that
 * a server takes to start.
 *
 * Each message has a connection of its own. nodemailer's pool was measured (400 mails over STARTTLS with sign-in, 20 at
 * once): it takes 2 ms of CPU time a mail instead of 5. It was left out for what it costs: connections that a firewall
 * has forgotten meanwhile look alive, so that a mail hangs on one of them, and a second retry policy works below ours.
 */

import type { SendMailOptions, Transporter } from 'nodemailer';
import type { NodemailerError } from 'nodemailer/lib/errors';
import type { Settings } from '../../config/settings.ts';
import { judge, type Refusal } from './refusal.ts';

type TransportSettings = Settings['mail']['transports'][number];

export interface Transport {
  name: string;
  /** One attempt to hand `mail` over, given up when `signal` aborts. Never throws. */
  attempt(mail: SendMailOptions, signal: AbortSignal): Promise<{ outcome: 'sent' } | Refusal>;
  /** Connects, greets and signs in. The problem, or undefined. Never throws. */
  check(): Promise<string | undefined>;
}

/**
 * A transport after its settings. `patience`, in seconds, is how long connecting, TLS and the greeting may take
 * together; the server may be silent for three times as long later, since it may look at a message before it takes
 * it, and an attempt as a whole lasts four times as long at most. A message cut off while the server was taking it
 * may arrive twice.
 */
export function createTransport(settings: TransportSettings, patience: number): Transport {
  const patienceMs = patience * 1000;
  const options = {
    host: settings.host,
    port: settings.port,
    ...encryption(settings.tls),
    ...(settings.user === undefined ? {} : { auth: { user: settings.user, pass: settings.password ?? '' } }),
    dnsTimeout: patienceMs,
    connectionTimeout: patienceMs,
    greetingTimeout: patienceMs,
    socketTimeout: 3 * patienceMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
  let smtp: Promise<Transporter> | undefined;
  const connected = () => {
    smtp ??= import('nodemailer').then(({ createTransport }) => createTransport(options));
    return smtp;
  };

  return {
    name: settings.name,
    async attempt(mail, signal) {
      const limit = AbortSignal.timeout(4 * patienceMs);
      try {
        await (await connected()).sendMail({ ...mail, signal: AbortSignal.any([signal, limit]) });
        return { outcome: 'sent' };
      } catch (error) {
        if (signal.aborted) return { outcome: 'unreachable', reason: String(signal.reason) };
        if (limit.aborted) return { outcome: 'unreachable', reason: `no end after ${4 * patience} s` };
        return judge(error as NodemailerError);
      }
    },
    async check() {
      try {
        await (await connected()).verify();
        return undefined;
      } catch (error) {
        return judge(error as NodemailerError).reason;
      }
    },
  };
}

/** TLS from the first byte, TLS by STARTTLS or no mail, or none at all. Certificates are always verified. */
function encryption(tls: TransportSettings['tls']) {
  const verified = { rejectUnauthorized: true, minVersion: 'TLSv1.2' } as const;
  switch (tls) {
    case 'implicit':
      return { secure: true, tls: verified };
    case 'starttls':
      return { secure: false, requireTLS: true, tls: verified };
    case 'none':
      return { secure: false, ignoreTLS: true };
  }
}
