/** What is kept of a person, as one JSON document that is never whole in memory: an account that was attacked has a long history. */

import { maskAddress } from '../../../src/mail/mask.ts';
import type { Account, Records } from '../../../src/records/records.ts';
import { shortened } from '../own-sessions.ts';

/** Entries of the audit that are read at once. */
const page = 500;

/**
 * The document in pieces. Of credentials it has what their owner knows them by, and nothing that proves anything; 'masked', of addresses, of
 * people and of networks, what pages show of them.
 */
export async function* documentOf(
  account: Account,
  { credentials, consents, audit }: Pick<Records, 'credentials' | 'consents' | 'audit'>,
  addresses: 'whole' | 'masked',
): AsyncGenerator<string> {
  const shown = (by: (text: string) => string, text?: string) => (text && addresses === 'masked' ? by(text) : text);
  const { setUp: _, email, noticeEmail, formerEmail, ...rest } = account;
  const mails = { email, noticeEmail, formerEmail };
  const own = {
    ...rest,
    ...Object.fromEntries(Object.entries(mails).map(([name, of]) => [name, shown(maskAddress, of)])),
  };
  const methods = (await credentials.list(account.id)).map(({ method, name, createdAt, usedAt }) => {
    return { method, name, createdAt, usedAt };
  });
  const allowed = (await consents.list(account.id)).map(({ accountId: __, ...consent }) => consent);
  const head = JSON.stringify({ account: own, methods, consents: allowed }, undefined, 2);
  yield `${head.slice(0, -2)},\n  "activity": [`;
  let separator = '\n    ';
  for (let after: number | undefined; ; ) {
    const entries = await audit.page({ accountId: account.id, after, limit: page });
    for (const { id: ___, chain: ____, accountId: _____, ...entry } of entries) {
      yield `${separator}${JSON.stringify({ ...entry, origin: shown(shortened, entry.origin) })}`;
      separator = ',\n    ';
    }
    if (entries.length < page) break;
    after = entries.at(-1)!.id;
  }
  yield '\n  ]\n}\n';
}
