import { isIP } from 'node:net';

/** Whether `host` is this machine: never leaves it, so needs no TLS. An empty host is a local socket. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  if (bare === '' || bare === 'localhost' || bare === '::1') return true;
  return isIP(bare) === 4 && bare.startsWith('127.');
}
