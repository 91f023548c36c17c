/**
 * What a proxy says of a request is believed only when the proxy is listed; from anyone else the headers are dropped before
 * anything reads them (ASVS 15.3.4). Of a chain of addresses the last one that no listed proxy has is the client's.
 */

import { BlockList, isIP } from 'node:net';
import type { Middleware } from 'koa';

const forwarded = ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'forwarded'];

/** `trusted`: addresses or ranges such as '10.0.0.0/8' or 'fd00::/8'; `others`: further headers that are theirs alone to set. */
export function trustProxies(trusted: readonly string[], others: readonly string[] = []): Middleware {
  const theirs = [...forwarded, ...others];
  const list = new BlockList();
  for (const range of trusted) {
    const [address = '', bits] = range.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  const isTrusted = (address: string) =>
    isIP(address) !== 0 && list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

  return (ctx, next) => {
    const peer = plain(ctx.req.socket.remoteAddress ?? '');
    const { headers } = ctx.req;
    if (!isTrusted(peer)) for (const name of theirs) delete headers[name];
    else if (headers['x-forwarded-for'] !== undefined) {
      const chain = String(headers['x-forwarded-for'])
        .split(',')
        .map((each) => plain(each.trim()));
      headers['x-forwarded-for'] = chain.findLast((address) => !isTrusted(address)) ?? chain[0] ?? peer;
    }
    return next();
  };
}

/** An IPv4 address that came through an IPv6 socket, as the IPv4 address that it is. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');
}
