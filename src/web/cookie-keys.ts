/**
 * How cookies are signed: HMAC with SHA-256. The library's own way makes a key of each secret anew for every signature, which takes
 * several times as long as the signature, and signs twice more to compare.
 */

import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import Keygrip from 'keygrip';

/** Signs with the first of `secrets`; what any of them has signed is taken. */
export function cookieKeys(secrets: readonly string[]): Keygrip {
  const keys = secrets.map((secret) => createSecretKey(secret, 'utf8'));
  const digest = (data: string, key: (typeof keys)[number]) =>
    createHmac('sha256', key).update(data).digest('base64url');
  const same = (one: string, other: string) => {
    const [a, b] = [Buffer.from(one), Buffer.from(other)];
    return a.length === b.length && timingSafeEqual(a, b);
  };
  const keygrip = new Keygrip([...secrets], 'sha256');
  keygrip.sign = (data) => digest(String(data), keys[0]!);
  keygrip.index = (data, signature) => keys.findIndex((key) => same(digest(String(data), key), signature));
  keygrip.verify = (data, signature) => keygrip.index(data, signature) >= 0;
  return keygrip;
}
