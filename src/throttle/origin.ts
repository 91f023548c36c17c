/** Where a guess comes from, as budgets count it. */

import { isIPv6, SocketAddress } from 'node:net';

/**
 * The origin that `address` belongs to: an IPv4 address is one, an IPv6 address stands for its /64, which is what one
 * line or one rented machine gets, so that changing within it brings no fresh budget. Anything else is itself.
 */
export function originOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '').replace(/%.*$/, '');
  if (!isIPv6(plain)) return plain;
  // Written out in full first: two spellings of one address are one origin.
  const { address: short } = new SocketAddress({ address: plain, family: 'ipv6' });
  const [head = '', tail] = short.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array<string>(Math.max(0, zeros)).fill('0'), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
