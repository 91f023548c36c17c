/** What production refuses, because it is safe in a trial only. Pure. */

import { demoDomain, demoSecretPrefix } from './demo.ts';
import { isLoopback } from './loopback.ts';
import { error, type Problem, warning, when } from './problems.ts';
import type { Settings } from './settings.ts';

/** What only a trial may run with. ASVS 6.3.2, 11.4.2, 12.3.1, 12.3.2, 13.3.1. */
export function checkProduction(settings: Settings): Problem[] {
  if (settings.mode !== 'production') return [];
  const { issuer, state, records, mail, secrets, password } = settings;
  const argon2Floor = password.memoryCost >= (password.timeCost >= 2 ? 19_456 : 47_104);
  const demo = Object.entries({ ...secrets, peppers: secrets.peppers.map(({ key }) => key) })
    .filter(([, values]) => [values].flat().some((value) => value.startsWith(demoSecretPrefix)))
    .map(([name]) =>
      error(
        `secrets.${name}`,
        "holds the demo's secret, which everyone knows",
        'make your own: openssl rand -base64 32',
      ),
    );
  return [
    ...demo,
    ...when(
      !issuer.startsWith('https:'),
      error('issuer', 'must be https in production', 'put a proxy with TLS in front, and write https'),
    ),
    ...when(
      state.kind === 'memory',
      error('state.kind', "'memory' forgets everyone at a restart", 'use Redis: set KAPU_STATE_URL'),
    ),
    ...when(
      state.kind === 'redis' && state.url !== undefined && inClear(state.url, state.tls),
      error('state.url', 'reaches Redis over the network without TLS', 'write rediss:// instead of redis://'),
    ),
    ...when(
      state.kind === 'redis' && nodesOf(state).some((node) => inClear(`redis://${node}`, state.tls)),
      error('state.tls', 'is missing: Redis is reached over the network without TLS', "add tls: {}, or { ca: 'file' }"),
    ),
    ...when(
      records.kind === 'postgres' && !isLoopback(postgresHost(records.url)) && !verifiesServer(records.url),
      error('records.url', 'reaches PostgreSQL over the network without verified TLS', 'add ?sslmode=verify-full'),
    ),
    ...when(
      records.kind === 'sqlite',
      warning('records.kind', "'sqlite' serves one process on one machine", 'use PostgreSQL to run more than one'),
    ),
    ...mail.transports.flatMap((transport, index) =>
      when(
        transport.tls === 'none' && !isLoopback(transport.host),
        error(`mail.transports[${index}].tls`, "'none' sends codes in clear text", "use 'starttls' or 'implicit'"),
      ),
    ),
    ...when(
      mail.from.includes(`@${demoDomain}`),
      error('mail.from', "is the demo's address", 'use an address of your own domain'),
    ),
    ...when(
      !argon2Floor,
      error('password.memoryCost', 'is too cheap to protect passwords', 'use at least timeCost 2 and memoryCost 19456'),
    ),
  ];
}

/** Whether a Redis at `url` is reached over a network that others may listen to. */
function inClear(url: string, tls: object | undefined): boolean {
  return !/^rediss:/.test(url) && !tls && !isLoopback(hostOf(url));
}

/** The servers named one by one. */
function nodesOf({ sentinel, cluster }: Extract<Settings['state'], { kind: 'redis' }>): string[] {
  return [...(sentinel?.nodes ?? []), ...(cluster?.nodes ?? [])];
}

/** The host that node-postgres connects to: its `host` parameter goes before the host of the address. */
function postgresHost(url: string): string {
  const parsed = URL.parse(url);
  const host = parsed?.searchParams.getAll('host').at(-1) ?? hostOf(url);
  return host.startsWith('/') ? 'localhost' : host;
}

function hostOf(url: string): string {
  return URL.parse(url)?.hostname ?? '';
}

/** node-postgres verifies the server's certificate and name with these, as long as libpq's laxer reading is not asked for. */
function verifiesServer(url: string): boolean {
  const query = URL.parse(url)?.searchParams;
  return query?.getAll('sslmode').at(-1) === 'verify-full' && !query.has('uselibpqcompat');
}
