/** Removing the accounts that were given up: one that cannot be removed is counted, and keeps no other one waiting. */

import { expect, test } from '@jest/globals';
import { createDeletions } from '../../src/deletions.ts';
import { createLog } from '../../src/log.ts';
import type { AuditEntry } from '../../src/records/records.ts';

type Options = Parameters<typeof createDeletions>[0];

/** A look at `due`, of which those in `stuck` cannot be removed; what it has counted, written and removed. */
async function look(due: string[], stuck: string[] = [], away = false) {
  const [counted, removed, written]: [string[], string[], string[]] = [[], [], []];
  const waiting = due.map((accountId) => ({ accountId }) as Parameters<Options['records']['deletions']['remove']>[0]);
  const deletions = {
    async claim() {
      if (away) throw new Error('away');
      return waiting.shift();
    },
    async remove({ accountId }: { accountId: string }) {
      if (stuck.includes(accountId)) throw new Error('no rights');
      removed.push(accountId);
      return true;
    },
  };
  const audit = { append: async ({ accountId }: AuditEntry) => void written.push(accountId!) };
  const looking = createDeletions({
    records: { deletions, audit } as unknown as Options['records'],
    log: createLog({ level: 'silent' } as Parameters<typeof createLog>[0]),
    count: (outcome) => void counted.push(outcome),
    now: () => new Date(),
  });
  looking.start();
  await new Promise((resolve) => setImmediate(resolve));
  await looking.end();
  return { counted, removed, written };
}

test('all that are due are removed, and written down before', async () => {
  expect(await look(['one', 'two'])).toEqual({
    counted: ['removed', 'removed'],
    removed: ['one', 'two'],
    written: ['one', 'two'],
  });
});

test('one that cannot be removed is counted, and the next one is removed all the same', async () => {
  expect(await look(['one', 'two'], ['one'])).toMatchObject({ counted: ['failed', 'removed'], removed: ['two'] });
});

test('so is a look that comes to nothing', async () => {
  expect(await look(['one'], [], true)).toEqual({ counted: ['failed'], removed: [], written: [] });
});
