/** A way to a Redis on loopback that counts what is written on it, and ends the writer at a certain write. */

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Where the writer ends: before its nth write has reached Redis, or after Redis has made it and before the writer hears so. */
export interface Fatal {
  nth: number;
  when: 'before' | 'after';
  kill: () => void;
}

export interface Write {
  before: number;
  after?: number;
}

export interface KillingProxy {
  port: number;
  /** Counts from here, and ends the writer at the `fatal` write. `look` tells what else has happened. */
  watch(fatal?: Fatal, look?: () => number): void;
  /** The writes since then: what `look` told when each came, and when it had been made. */
  readonly writes: Write[];
  /** Whether the fatal one has come. */
  readonly killed: boolean;
  stop(): void;
}

/** What Kapu writes by; whatever else it sends reads. */
const writing = /^\*\d+\r\n\$\d+\r\n(set|del|getdel|evalsha|eval)\r\n/i;

/** Passes everything between its callers and the Redis at `port`, command by command. */
export async function startKillingProxy(port: number): Promise<KillingProxy> {
  const sockets = new Set<Socket>();
  let writes: Write[] = [];
  let fatal: Fatal | undefined;
  let look = () => 0;
  let killed = false;

  function kill(): void {
    killed = true;
    fatal!.kill();
    for (const socket of sockets) socket.destroy();
  }
  /** Notes a write; undefined when this command is none. */
  function noted(command: Buffer): Write | undefined {
    if (!writing.test(command.toString('latin1', 0, 40))) return undefined;
    const write = { before: look() };
    writes.push(write);
    return write;
  }
  const isFatal = (write: Write) => !killed && writes.indexOf(write) + 1 === fatal?.nth;

  const server = createServer((caller) => {
    const callee = connect(port, '127.0.0.1');
    for (const [socket, other] of [
      [caller, callee],
      [callee, caller],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => other.destroy());
    }
    // Redis answers in the order in which it was asked.
    const asked: (Write | undefined)[] = [];
    byValue(caller, (command) => {
      const write = noted(command);
      if (write && fatal?.when === 'before' && isFatal(write)) return kill();
      asked.push(write);
      callee.write(command);
    });
    byValue(callee, (answer) => {
      const write = asked.shift();
      if (write) write.after = look();
      if (write && isFatal(write)) return kill();
      caller.write(answer);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    watch(next, looking = () => 0) {
      fatal = next;
      look = looking;
      killed = false;
      writes = [];
    },
    get writes() {
      return writes;
    },
    get killed() {
      return killed;
    },
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Hands on what `socket` brings, one whole value at a time, until it is closed. */
function byValue(socket: Socket, take: (value: Buffer) => void): void {
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (let end = endOf(rest, 0); end !== undefined && !socket.destroyed; end = endOf(rest, 0)) {
      const value = rest.subarray(0, end);
      rest = rest.subarray(end);
      take(value);
    }
  });
}

/** Where the value that begins at `at` ends, in Redis's protocol, 2 or 3; undefined while it is not all there. */
function endOf(bytes: Buffer, at: number): number | undefined {
  const line = bytes.indexOf('\r\n', at);
  if (line < 0) return undefined;
  const type = String.fromCharCode(bytes[at]!);
  const count = Math.max(0, Number(bytes.toString('latin1', at + 1, line)));
  let end = line + 2;
  if ('$=!'.includes(type)) {
    if (bytes[at + 1] !== 45 /* -1: nothing */) end += count + 2;
    return end <= bytes.length ? end : undefined;
  }
  if (!'*~>%'.includes(type)) return end;
  for (let left = type === '%' ? 2 * count : count; left > 0; left--) {
    const next = endOf(bytes, end);
    if (next === undefined) return undefined;
    end = next;
  }
  return end;
}
