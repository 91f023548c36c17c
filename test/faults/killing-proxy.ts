/** A way to a Redis on loopback that counts what is written on it, and ends the writer at a certain write. */

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Where the writer ends: before its nth write has reached Redis, or after Redis has made it and before the writer hears so. */
export interface Fatal {
  nth: number;
  when: 'before' | 'after';
  kill: () => void;
}

export interface KillingProxy {
  port: number;
  /** Counts from here, and ends the writer at the `fatal` write. */
  watch(fatal?: Fatal): void;
  /** The writes since then, by the names of their commands. */
  readonly writes: string[];
  /** Whether the fatal one has come. */
  readonly killed: boolean;
  stop(): void;
}

/** What Kapu writes by; whatever else it sends reads. */
const writing = /^\*\d+\r\n\$\d+\r\n(set|del|getdel|evalsha|eval)\r\n/i;

/** Passes everything between its callers and the Redis at `port`, command by command. */
export async function startKillingProxy(port: number): Promise<KillingProxy> {
  const sockets = new Set<Socket>();
  let writes: string[] = [];
  let fatal: Fatal | undefined;
  let killed = false;

  function kill(): void {
    killed = true;
    fatal!.kill();
    for (const socket of sockets) socket.destroy();
  }
  /** Whether this is the write to end at. */
  function isFatal(command: Buffer): boolean {
    const [, name] = writing.exec(command.toString('latin1', 0, 40)) ?? [];
    if (!name) return false;
    writes.push(name.toLowerCase());
    return !killed && writes.length === fatal?.nth;
  }

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
    const asked: boolean[] = [];
    byValue(caller, (command) => {
      const isLast = isFatal(command);
      if (isLast && fatal!.when === 'before') return kill();
      asked.push(isLast);
      callee.write(command);
    });
    byValue(callee, (answer) => {
      if (asked.shift()) return kill();
      caller.write(answer);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    watch(next) {
      fatal = next;
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
