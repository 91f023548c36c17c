/**
 * A real SMTP server on loopback that keeps the mails it takes, and misbehaves on request. Each test starts its own.
 */

import type { AddressInfo } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { seen } from './secrets.ts';

/** A reply at one step of the conversation instead of the usual one, such as '550 5.1.1 No such user'. */
export interface Replies {
  greeting?: string;
  sender?: string;
  recipient?: string;
  /** After the message. */
  data?: string;
}

export type Behaviour =
  | 'accept'
  /** 550 5.1.1 to the recipient. */
  | 'refuse'
  /** 451 4.3.0 to the recipient. */
  | 'defer'
  /** Takes the connection and says nothing. */
  | 'hang'
  /** Takes the message and does not say so. */
  | 'hang-after-data'
  /** Closes the connection before the greeting. */
  | 'close'
  | Replies;

export interface SmtpOptions {
  /** 'starttls' offers it, 'none' does not. Default: 'none'. */
  tls?: 'implicit' | 'starttls' | 'none';
  /** For TLS. */
  certificate?: { key: string; cert: string };
  behaviour?: Behaviour;
  /** Sign-in is offered with this user and password. */
  user?: { name: string; password: string };
  port?: number;
}

/** A mail as a recipient reads it, with what the conversation said of it. */
export type ReceivedMail = ParsedMail & {
  /** RCPT TO. */
  recipients: string[];
  /** MAIL FROM. */
  sender: string;
  /** Whether it came over TLS. */
  secure: boolean;
  raw: string;
};

export interface Smtp {
  host: string;
  port: number;
  /** Oldest first. */
  mails: ReceivedMail[];
  /** Connections made so far. */
  connections(): number;
  /** The most connections that were open at one time. */
  mostAtOnce(): number;
  behave(behaviour: Behaviour): void;
  stop(): Promise<void>;
}

export async function startSmtp(options: SmtpOptions = {}): Promise<Smtp> {
  const { tls = 'none', certificate, user } = options;
  let behaviour: Behaviour = options.behaviour ?? 'accept';
  let connections = 0;
  let open = 0;
  let mostAtOnce = 0;
  const mails: ReceivedMail[] = [];

  const server = new SMTPServer({
    ...certificate,
    secure: tls === 'implicit',
    disabledCommands: [...(tls === 'none' ? ['STARTTLS'] : []), ...(user ? [] : ['AUTH'])],
    disableReverseLookup: true,
    logger: false,
    closeTimeout: 50,
    onAuth({ username, password }, _session, callback) {
      if (username === user?.name && password === user?.password) callback(null, { user: username });
      else callback(reply('535 5.7.8 Wrong user name or password'));
    },
    onConnect(_session, callback) {
      if (behaviour === 'hang' || behaviour === 'close') return;
      callback(instead('greeting'));
    },
    onMailFrom: (_address, _session, callback) => callback(instead('sender')),
    onRcptTo: (_address, _session, callback) => callback(instead('recipient')),
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', async () => {
        if (behaviour === 'hang-after-data') return;
        const refusal = instead('data');
        if (!refusal) {
          const raw = Buffer.concat(chunks);
          const { mailFrom, rcptTo } = session.envelope;
          for (const { address } of rcptTo) seen.add('address', address);
          addCodes(raw.toString());
          mails.push({
            ...(await simpleParser(raw)),
            recipients: rcptTo.map(({ address }) => address),
            sender: mailFrom ? mailFrom.address : '',
            secure: session.secure,
            raw: raw.toString(),
          });
        }
        callback(refusal);
      });
    },
  });

  function instead(step: keyof Replies): Error | null {
    if (behaviour === 'refuse') return step === 'recipient' ? reply('550 5.1.1 No such user') : null;
    if (behaviour === 'defer') return step === 'recipient' ? reply('451 4.3.0 Try again later') : null;
    const words = typeof behaviour === 'string' ? undefined : behaviour[step];
    return words ? reply(words) : null;
  }

  server.on('error', () => {}); // Clients that leave in the middle are what the tests are about.
  server.server.on('connection', (socket) => {
    connections++;
    mostAtOnce = Math.max(mostAtOnce, ++open);
    socket.on('close', () => open--);
    if (behaviour === 'close') socket.destroy();
  });
  await new Promise<void>((listening, reject) => {
    server.server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', listening);
  });

  return {
    host: '127.0.0.1',
    port: (server.server.address() as AddressInfo).port,
    mails,
    connections: () => connections,
    mostAtOnce: () => mostAtOnce,
    behave: (next) => {
      behaviour = next;
    },
    stop: () => new Promise((stopped) => server.close(stopped)),
  };
}

/** A line of its own with nothing but digits is a code. */
export function addCodes(text: string): void {
  for (const [, code] of text.matchAll(/^\s*(\d[\d ]{4,14}\d)\s*$/gm)) seen.add('code', code!.replaceAll(' ', ''));
}

function reply(words: string): Error {
  return Object.assign(new Error(words.slice(4)), { responseCode: Number(words.slice(0, 3)) });
}
