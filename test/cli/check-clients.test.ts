import { expect, test } from '@jest/globals';
import { legacyClients, retiredNames } from '../../src/commands/check-clients.ts';

const levels = [
  { name: 'basic', anyOf: [['password']], maxAge: {}, aliases: [] },
  {
    name: 'plus',
    anyOf: [['password', 'email-code']],
    maxAge: {},
    aliases: [
      { name: 'ukp', sunset: new Date('2026-01-01') },
      { name: 'later', sunset: new Date('2027-01-01') },
      { name: 'kept' },
    ],
  },
];
const now = new Date('2026-06-01');
const client = (id: string, default_acr_values?: string[]) => ({
  id,
  metadata: { default_acr_values },
  updatedAt: now,
});
const use = (clientId: string, alias: string) => ({ clientId, alias, usedAt: new Date('2026-05-20T08:00:00Z') });

test('names every client that used a retired name, or is registered with one, and the name to use', () => {
  const findings = retiredNames(
    { levels },
    [client('tax', ['ukp', 'basic']), client('health', ['later', 'kept']), client('plain')],
    [use('library', 'ukp'), use('library', 'later'), use('library', 'gone')],
    now,
  );
  expect(findings.map(({ outcome, text }) => `${outcome} ${text}`)).toEqual([
    "warn tax is registered with 'ukp', a retired name of level 'plus'",
    "warn library asked on 2026-05-20 for 'ukp', a retired name of level 'plus'",
  ]);
  expect(findings[0]?.hint).toContain("'plus'");
});

test('a sunset that has not come is nobody’s concern', () => {
  expect(retiredNames({ levels }, [client('tax', ['ukp'])], [], new Date('2025-12-31'))).toEqual([]);
});

test('names every client without PKCE', () => {
  const old = { id: 'old', metadata: { profile: 'legacy' }, updatedAt: now };
  expect(legacyClients([old, client('tax')]).map(({ outcome, text }) => `${outcome} ${text}`)).toEqual([
    "warn old has profile 'legacy': a code that is stolen on the way can be used",
  ]);
});
