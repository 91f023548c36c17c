import { expect, test } from '@jest/globals';
import { trustProxies } from '../../src/web/proxies.ts';

/** The headers that are left of `given`, from `peer`. */
async function left(peer: string, given: Record<string, string>): Promise<object> {
  const headers = { ...given };
  const ctx = { req: { socket: { remoteAddress: peer }, headers } };
  await trustProxies(['10.0.0.1'], ['client-cert'])(ctx as never, async () => {});
  return headers;
}

test('the header of certificates is a trusted proxy’s alone to set', async () => {
  expect(await left('10.0.0.1', { 'client-cert': ':AAAA:' })).toEqual({ 'client-cert': ':AAAA:' });
  expect(await left('::ffff:10.0.0.1', { 'client-cert': ':AAAA:' })).toEqual({ 'client-cert': ':AAAA:' });
  expect(await left('10.0.0.2', { 'client-cert': ':AAAA:', accept: '*/*' })).toEqual({ accept: '*/*' });
});
