/**
 * A mailbox that costs nothing: a mail server with as much SMTP as one honest client needs. test/support/smtp.ts is the real one;
 * it waits a tenth of a second before it greets, a minute and a half over a run of the model.
 */

import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export interface Mailbox {
  port: number;
  /** The codes of the mails whose subject has `reference`, oldest first, once there are `count` of them. */
  codes(reference: string, count: number): Promise<string[]>;
  forget(): void;
  stop(): Promise<void>;
}

export async function openMailbox(): Promise<Mailbox> {
  const mails: string[] = [];
  const server = createServer((socket) => converse(socket, (mail) => mails.push(mail)));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async codes(reference, count) {
      const found = () => mails.filter((mail) => /^Subject: .*(\r\n .*)*/m.exec(mail)?.[0].includes(reference));
      const deadline = performance.now() + 20_000;
      while (found().length < count && performance.now() < deadline) await pause(1);
      return found().map((mail) => /^ *(\d[\d ]{4,14}\d) *\r$/m.exec(mail)![1]!.replaceAll(' ', ''));
    },
    forget: () => void mails.splice(0),
    async stop() {
      server.close();
      await once(server, 'close');
    },
  };
}

function converse(socket: Socket, keep: (mail: string) => void): void {
  let received = '';
  let inMail = false;
  const say = (words: string) => socket.write(`${words}\r\n`);
  const answer = (line: string) => {
    inMail = line === 'DATA';
    if (line === 'QUIT') socket.end('221 bye\r\n');
    else say(inMail ? '354 go on' : '250 ok');
  };
  socket.setEncoding('utf8').setNoDelay(true);
  socket.on('error', () => {}); // a server that is being restarted leaves in the middle
  socket.on('data', (text) => {
    received += text;
    for (let end = next(); end >= 0; end = next()) {
      const part = received.slice(0, end);
      received = received.slice(end + (inMail ? 5 : 2));
      if (inMail) keep(`${part}\r\n`);
      answer(inMail ? 'kept' : part);
    }
  });
  const next = () => received.indexOf(inMail ? '\r\n.\r\n' : '\r\n');
  say('220 ready');
}
