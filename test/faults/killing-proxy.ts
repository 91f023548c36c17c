/** A way to a store on loopback that counts what is written on it, and ends the writer at a certain write. */

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Where the writer ends: before its nth write has reached the store, or after the store has made it and before the writer hears so. */
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

/** How a store is spoken to. Commands are answered in the order in which they come. */
export interface Protocol {
  /** Where the command that `bytes` begin with ends; undefined while it is not all there. */
  commandEnd(bytes: Buffer, isFirst: boolean): number | undefined;
  isAnswered(command: Buffer): boolean;
  isWrite(command: Buffer): boolean;
  /** Where the message that `bytes` begin with ends; undefined while it is not all there. */
  messageEnd(bytes: Buffer): number | undefined;
  /** Whether with this message a command has been answered. */
  isLast(message: Buffer): boolean;
}

/** Passes everything between its callers and the store at `port`, command by command. */
export async function startKillingProxy(port: number, protocol: Protocol): Promise<KillingProxy> {
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
    if (!protocol.isWrite(command)) return undefined;
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
    inPieces(caller, protocol.commandEnd, (command) => {
      const write = noted(command);
      if (write && fatal?.when === 'before' && isFatal(write)) return kill();
      if (protocol.isAnswered(command)) asked.push(write);
      callee.write(command);
    });
    inPieces(callee, protocol.messageEnd, (answer) => {
      const write = protocol.isLast(answer) ? asked.shift() : undefined;
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

type EndOf = (bytes: Buffer, isFirst: boolean) => number | undefined;

/** Hands on what `socket` brings, one whole piece at a time, until it is closed. */
function inPieces(socket: Socket, endOf: EndOf, take: (piece: Buffer) => void): void {
  let rest = Buffer.alloc(0);
  let isFirst = true;
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (let end = endOf(rest, isFirst); end !== undefined && !socket.destroyed; end = endOf(rest, isFirst)) {
      const piece = rest.subarray(0, end);
      rest = rest.subarray(end);
      isFirst = false;
      take(piece);
    }
  });
}
