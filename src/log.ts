/**
 * The log: one JSON object a line on standard output, times in UTC. It knows which names may hold a secret and censors
 * them wherever they stand near the surface of an entry; that nothing secret is logged in the first place stays the
 * caller's duty. ASVS 16.2.1, 16.2.2, 16.2.5.
 */

import { type DestinationStream, type Logger, pino } from 'pino';

/** Names whose value is a secret, whoever logs it. */
const secretNames = [
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
];

/** `code` is a secret in what people and services send, but a system error's name in an error: it is censored only there. */
const sentIn = ['body', 'form', 'query', 'params'];

const atDepth = (name: string): string[] => {
  const part = /^\w+$/.test(name) ? { first: name, later: `.${name}` } : { first: `["${name}"]`, later: `["${name}"]` };
  return [part.first, `*${part.later}`, `*.*${part.later}`];
};

const redactedPaths = [
  ...secretNames.flatMap(atDepth),
  'code',
  ...sentIn.flatMap((at) => [`${at}.code`, `*.${at}.code`]),
];

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
  return pino(
    {
      level,
      base: worker === undefined ? undefined : { worker },
      timestamp: () => `,"time":"${now().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: redactedPaths, censor: '[censored]' },
      serializers: { url: withoutQuery },
    },
    ...(destination ? [destination] : []),
  );
}

/** An address without what may be secret in it: authorization codes and hints travel in the query. */
function withoutQuery(url: unknown): unknown {
  return typeof url === 'string' ? url.replace(/[?#].*$/s, '') : url;
}
