/**
 * HTTP/1.1 from the side of a proxy, as cheap as it can be: the one who measures must not use up what it measures. Connections are kept
 * open and lent to one request at a time, as a proxy's are; whose request it is stands in its headers.
 */

import { connect, type Socket } from 'node:net';

export interface Answer {
  status: number;
  /** By lower-case name; of several the last, but for set-cookie. */
  headers: Record<string, string>;
  cookies: string[];
  body: string;
}

export interface Wire {
  /** One request; rejects when the connection breaks or `patience` milliseconds have passed. */
  ask(method: string, path: string, headers: string, body?: string): Promise<Answer>;
  /** Connections that are open. */
  open(): number;
  end(): void;
}

/** Requests to `host`:`port`. */
export function createWire({ hostname, port, host }: URL, patience = 10_000): Wire {
  const idle: Connection[] = [];
  const all = new Set<Connection>();
  const target = { host: hostname === 'localhost' ? '127.0.0.1' : hostname, port: Number(port || 80) };

  function lend(): Connection {
    for (;;) {
      const connection = idle.pop();
      if (!connection) break;
      // A server closes what has been idle for five seconds; who reuses it in that moment hears a reset.
      if (!connection.ended && performance.now() - connection.idleSince < 3_000) return connection;
      connection.end();
    }
    const connection = new Connection(connect(target), patience, () => all.delete(connection));
    all.add(connection);
    return connection;
  }

  return {
    async ask(method, path, headers, body) {
      const connection = lend();
      const about = body === undefined ? '' : `content-length: ${Buffer.byteLength(body)}\r\n`;
      const text = `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\n${headers}${about}\r\n${body ?? ''}`;
      const answer = await connection.ask(text);
      connection.idleSince = performance.now();
      if (!connection.ended) idle.push(connection);
      return answer;
    },
    open: () => all.size,
    end() {
      for (const connection of all) connection.end();
    },
  };
}

interface Waiting {
  resolve(answer: Answer): void;
  reject(fault: Error): void;
  timer: NodeJS.Timeout;
}

class Connection {
  readonly #socket: Socket;
  readonly #patience: number;
  #received: Buffer = Buffer.alloc(0);
  #waiting?: Waiting;
  ended = false;
  idleSince = 0;

  constructor(socket: Socket, patience: number, gone: () => void) {
    this.#socket = socket.setNoDelay();
    this.#patience = patience;
    socket.on('data', (chunk) => this.#take(chunk));
    const lost = (fault?: Error) => {
      this.ended = true;
      gone();
      this.#settle((waiting) => waiting.reject(fault ?? new Error('the connection was closed')));
    };
    socket.on('error', lost).on('close', () => lost());
  }

  ask(text: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.end();
        this.#settle((waiting) => waiting.reject(new Error('no answer in time')));
      }, this.#patience);
      this.#waiting = { resolve, reject, timer };
      this.#socket.write(text);
    });
  }

  end(): void {
    this.ended = true;
    this.#socket.destroy();
  }

  #settle(how: (waiting: Waiting) => void): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (!waiting) return;
    clearTimeout(waiting.timer);
    how(waiting);
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const end = this.#received.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = this.#received.toString('latin1', 0, end).split('\r\n');
    const headers: Record<string, string> = {};
    const cookies: string[] = [];
    for (let n = 1; n < head.length; n++) {
      const line = head[n]!;
      const colon = line.indexOf(':');
      const name = line.slice(0, colon).toLowerCase();
      const value = line.slice(colon + 1).trim();
      if (name === 'set-cookie') cookies.push(value);
      headers[name] = value;
    }
    const body = bodyOf(this.#received.subarray(end + 4), headers);
    if (body === undefined) return;
    this.#received = Buffer.alloc(0);
    if (headers.connection === 'close') this.end();
    this.#settle(({ resolve }) => resolve({ status: Number(head[0]!.slice(9, 12)), headers, cookies, body }));
  }
}

/** The whole body; undefined while more of it has to come. Only one request is under way on a connection. */
function bodyOf(received: Buffer, headers: Record<string, string>): string | undefined {
  if (headers['transfer-encoding'] !== 'chunked') {
    const length = Number(headers['content-length'] ?? 0);
    return received.length < length ? undefined : received.toString('utf8', 0, length);
  }
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const line = received.indexOf('\r\n', at);
    if (line < 0) return undefined;
    const size = Number.parseInt(received.toString('latin1', at, line), 16);
    if (received.length < line + 2 + size + 2) return undefined;
    if (size === 0) return Buffer.concat(parts).toString();
    parts.push(received.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
}
