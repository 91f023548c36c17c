/**
 * The address by which somebody who is told of a change stops it, without signing in. It is derived and kept nowhere: it names the
 * account and the moment of what it can stop, under a key, so that it ends with that and cannot be made by whoever reads the records.
 */

import { createHmac } from 'node:crypto';
import { accountPath } from '../../src/oidc/interaction-path.ts';
import { isSameText } from '../../src/same-text.ts';

/** What can be stopped of which account. */
export interface Stopping {
  accountId: string;
  /** When the hold began, or the change was made. */
  since: Date;
  /** A change of what the person has, a method or the second address, in the place of a hold. */
  isChange?: boolean;
}

export interface StopLinks {
  /** The address. */
  to(stopping: Stopping): string;
  /** What the last part of an address names; undefined for one that is not ours. */
  read(token: string): Stopping | undefined;
}

/** Links below `issuer`, under `keys`: the first signs, all are taken. */
export function createStopLinks(issuer: string, keys: readonly string[]): StopLinks {
  const sign = (key: string, named: string) =>
    createHmac('sha256', key)
      .update(JSON.stringify(['stop', named]))
      .digest('base64url')
      .slice(0, 32);
  return {
    to({ accountId, since, isChange }) {
      const moment = `${Buffer.from(accountId).toString('base64url')}.${since.getTime().toString(36)}`;
      const named = isChange ? `${moment}.c` : moment;
      return `${issuer}${accountPath}/stop/${named}.${sign(keys[0]!, named)}`;
    },
    read(token) {
      const [, named, account, at, change, mac] =
        /^(([\w-]{1,80})\.([0-9a-z]{1,10})(\.c)?)\.([\w-]{32})$/.exec(token) ?? [];
      if (!named || !keys.some((key) => isSameText(sign(key, named), mac!))) return undefined;
      const accountId = Buffer.from(account!, 'base64url').toString();
      return { accountId, since: new Date(Number.parseInt(at!, 36)), isChange: change !== undefined };
    },
  };
}
