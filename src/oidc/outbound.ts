/**
 * Requests of this server to addresses that clients are registered with: keys, sectors, notices of sign-outs. Who registers a
 * client must not be able to have the server knock at its own network's doors (OWASP SSRF; ASVS 1.3.6), nor hold it up: https
 * to public addresses, and what else the operator names; the address that was checked is the one that is connected to; no
 * redirects, little time, little room.
 * Knows nothing of what the answers mean.
 */

import { lookup as resolveName } from 'node:dns';
import { readFileSync } from 'node:fs';
import { request as overHttp, type RequestOptions } from 'node:http';
import { request as overHttps } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import type { Settings } from '../../config/settings.ts';

/** Milliseconds for all of a request: name, connection, TLS, answer. */
const patience = 3_000;
/** Bytes of an answer. */
const largest = 64 * 1024;
/** Seconds in which an address is asked once, whatever came of it. */
export const pause = 10;
/** Seconds that the last good answer serves while its address does not. */
const keptFor = 24 * 60 * 60;
/** Addresses remembered. */
const most = 5000;

/** Special-use networks among the IPv4 addresses (RFC 6890 and IANA's registry), multicast, and what is reserved. */
const notPublic = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.31.196.0/24', '192.52.193.0/24', '192.88.99.0/24', '192.168.0.0/16', '192.175.48.0/24'],
  ...['198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/3'],
  // Within 2000::/3, which is all that is public of IPv6: protocols, documentation, 6to4.
  ...['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20'],
];

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}
const isIn = (list: BlockList, address: string) => list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
const special = listOf(notPublic);
const global = listOf(['2000::/3']);

/** Whether `address` is one of the public internet. */
export function isPublicAddress(address: string): boolean {
  return !isIn(special, address) && (isIP(address) === 4 || (isIP(address) === 6 && isIn(global, address)));
}

type Init = {
  method?: string;
  headers?: Headers | Record<string, string>;
  body?: unknown;
  /** Milliseconds in the place of `patience`. */
  patience?: number;
};

export interface Outbound {
  /** As `fetch`. A GET is asked of the network once in `pause` seconds; in between, and while the address fails, it gives the last
   *  good answer. Throws when there is none, when the address is none that may be asked, and after `patience`. */
  fetch(url: string | URL, options?: Init): Promise<Response>;
}

export interface OutboundOptions {
  settings: Settings['outbound'];
  /** Told why an address gave no good answer. */
  report: (facts: { address: string; reason: string }) => void;
  now: () => Date;
  lookup?: typeof resolveName;
}

interface Known {
  askedAt: number;
  asking: Promise<Buffer>;
  good?: { body: Buffer; at: number };
}

/** Outbound requests within `settings.networks` and the public internet. Reads the authorities' file of the settings; throws when it cannot. */
export function createOutbound({ settings, report, now, lookup = resolveName }: OutboundOptions): Outbound {
  const networks = listOf(settings.networks);
  const ca = settings.ca === undefined ? undefined : readFileSync(settings.ca);
  const known = new Map<string, Known>();
  const seconds = () => now().getTime() / 1000;

  /** Plain http stays within the networks that the operator has named. */
  const mayAsk = (address: string, protocol: string) =>
    isIn(networks, address) || (protocol === 'https:' && isPublicAddress(address));

  /** Resolves a name and refuses it whole where one of its addresses may not be asked; what it gives is connected to. */
  const checked =
    (protocol: string): LookupFunction =>
    (name, options, done) => {
      lookup(name, { ...options, all: true }, (fault, addresses) => {
        if (fault) return done(fault, '', 0);
        const refused = addresses.find(({ address }) => !mayAsk(address, protocol));
        if (refused || addresses.length === 0)
          return done(new Error(`${name} is at no address that may be asked`), '', 0);
        if (options.all) return done(null, addresses as never);
        done(null, addresses[0]!.address, addresses[0]!.family);
      });
    };

  async function send(url: URL, init: Init): Promise<{ status: number; body: Buffer }> {
    const { method = 'GET', headers, body } = init;
    const { protocol, hostname } = url;
    if (protocol !== 'https:' && protocol !== 'http:') throw new Error('only https is asked');
    const literal = hostname.replace(/^\[|\]$/g, '');
    // A name is looked at when it is resolved; an address is never resolved.
    if (isIP(literal) !== 0 && !mayAsk(literal, protocol))
      throw new Error(`${literal} is no address that may be asked`);
    if (url.username || url.password) throw new Error('the address holds a user name');
    const allowed = init.patience ?? patience;
    const options: RequestOptions = {
      method,
      headers: { ...Object.fromEntries(new Headers(headers)), connection: 'close' },
      agent: false,
      lookup: checked(protocol),
      signal: AbortSignal.timeout(allowed),
    };
    return new Promise((resolve, fail) => {
      const reject = (fault: Error) =>
        fail(fault.name === 'AbortError' ? new Error(`no answer within ${allowed} ms`, { cause: fault }) : fault);
      const sent = protocol === 'https:' ? overHttps(url, { ...options, ca }) : overHttp(url, options);
      sent.on('error', reject);
      // However it ended, nobody waits for it any more: an answer that changes the protocol (101) ends without a word.
      sent.on('close', () => reject(new Error('the connection ended without an answer')));
      sent.on('response', (answer) => {
        const chunks: Buffer[] = [];
        let size = 0;
        answer.on('error', reject);
        answer.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > largest) answer.destroy(new Error(`the answer is larger than ${largest} bytes`));
          else chunks.push(chunk);
        });
        answer.on('end', () => resolve({ status: answer.statusCode!, body: Buffer.concat(chunks) }));
      });
      sent.end(body === undefined || body === null ? undefined : String(body));
    });
  }

  async function get(url: URL, options: Init): Promise<Buffer> {
    const { status, body } = await send(url, options);
    if (status !== 200)
      throw new Error(`status ${status}${status >= 300 && status < 400 ? ': redirects are not followed' : ''}`);
    return body;
  }

  function ask(url: URL, options: Init): Known {
    const before = known.get(url.href);
    if (before && seconds() - before.askedAt < pause && seconds() >= before.askedAt) return before;
    const entry: Known = { askedAt: seconds(), good: before?.good, asking: get(url, options) };
    entry.asking.then(
      (body) => {
        entry.good = { body, at: seconds() };
      },
      (fault: Error) => report({ address: `${url.origin}${url.pathname}`, reason: fault.message }),
    );
    known.delete(url.href);
    known.set(url.href, entry);
    if (known.size > most) known.delete(known.keys().next().value!);
    return entry;
  }

  return {
    async fetch(address, options = {}) {
      const url = new URL(address);
      if ((options.method ?? 'GET') !== 'GET') {
        const { status, body } = await send(url, options);
        return new Response(status === 204 || status === 304 ? null : new Uint8Array(body), { status });
      }
      const entry = ask(url, options);
      const body = await entry.asking.catch((fault) => {
        if (entry.good && seconds() - entry.good.at < keptFor) return entry.good.body;
        throw fault;
      });
      // Without the headers that say how long it is fresh: when to ask again is decided here and in clients/keys.ts.
      return new Response(new Uint8Array(body), { status: 200, headers: { 'content-type': 'application/json' } });
    },
  };
}
