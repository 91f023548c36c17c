/**
 * The log: one JSON object a line on standard output, times in UTC. It knows which names may hold a secret and censors
 * them wherever they stand near the surface of an entry; that nothing secret is logged in the first place stays the
 * caller's duty. ASVS 16.2.1, 16.2.2, 16.2.5.
 */

import { type DestinationStream, type Logger, pino, stdSerializers } from 'pino';

/** Names whose value is a secret, whoever logs it. */
const secretNames = new Set([
  'password',
  'token',
  'secret',
  'cookie',
  'authorization',
  'client_secret',
  'client_assertion',
  'access_token',
  'refresh_token',
  'id_token',
  'id_token_hint',
  'code_verifier',
  'set-cookie',
]);

/** `code` is a secret in what people and services send, but a system error's name in an error: it is censored only there. */
const sentIn = new Set(['body', 'form', 'query', 'params']);

/** How deep it is looked: names in an entry, in what the entry holds, and in what that holds. */
const depth = 3;

/** `value` with what is named like a secret censored; the very same where there is none. Written by hand because it is done for every line. */
function censored(value: unknown, left = depth, sent = true): unknown {
  if (left === 0 || typeof value !== 'object' || value === null) return value;
  let copy: Record<string, unknown> | undefined;
  for (const [name, part] of Object.entries(value)) {
    const isSecret = secretNames.has(name) || (name === 'code' && sent);
    const said = isSecret ? '[censored]' : censored(part, left - 1, sentIn.has(name));
    if (said === part) continue;
    copy ??= { ...value };
    copy[name] = said;
  }
  return copy ?? value;
}

export interface LogOptions {
  level: string;
  /** The worker's number, where several processes write one log: it stands in every entry. */
  worker?: number;
  now?: () => Date;
  /** Standard output unless told otherwise. */
  destination?: DestinationStream;
}

/** The process's log. */
export function createLog({ level, worker, now = () => new Date(), destination }: LogOptions): Logger {
  const lines = destination ?? standardOutput();
  return pino(
    {
      level,
      base: worker === undefined ? undefined : { worker },
      timestamp: () => `,"time":"${now().toISOString()}"`,
      formatters: {
        level: (label) => ({ level: label }),
        log: (entry) => censored(entry) as Record<string, unknown>,
        bindings: (names) => censored(names) as Record<string, unknown>,
      },
      serializers: { url: withoutQuery, err: (fault) => censored(stdSerializers.err(fault), depth - 1, false) },
    },
    lines,
  );
}

/** Milliseconds that a line may wait for others. */
const together = 50;
/** Characters of what is written at once, so that a pipe takes it as a whole and lines of several processes do not mix. */
const most = 4000;
/** In pino's numbers. From here on a line waits for nothing. */
const error = 50;

let output: DestinationStream | undefined;

/**
 * Standard output, several lines at a time: to write costs as much as to make ten of them. A process that ends writes what it
 * holds, unless it is killed.
 */
function standardOutput(): DestinationStream {
  if (output) return output;
  const out = pino.destination({ fd: 1, sync: true });
  let held = '';
  let waiting: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(waiting);
    waiting = undefined;
    const lines = held;
    held = '';
    if (lines !== '') out.write(lines);
  };
  process.once('exit', flush);
  const lines = {
    // Has pino say each line's level.
    [Symbol.for('pino.metadata')]: true,
    lastLevel: 0,
    write(line: string) {
      if (held.length + line.length > most) flush();
      held += line;
      if (lines.lastLevel >= error) flush();
      else waiting ??= setTimeout(flush, together).unref();
    },
  };
  output = lines;
  return lines;
}

/** An address without what may be secret in it: authorization codes and hints travel in the query. */
function withoutQuery(url: unknown): unknown {
  return typeof url === 'string' ? url.replace(/[?#].*$/s, '') : url;
}
