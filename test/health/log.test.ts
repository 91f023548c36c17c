import { describe, expect, test } from '@jest/globals';
import { createLog } from '../../src/log.ts';

function logged(write: (log: ReturnType<typeof createLog>) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  write(
    createLog({
      level: 'info',
      now: () => new Date('2026-11-22T10:00:00Z'),
      destination: { write: (line) => void lines.push(line) },
    }),
  );
  return lines.map((line) => JSON.parse(line));
}

test('one JSON object a line, with a named level and UTC (ASVS 16.2.2)', () => {
  const [line] = logged((log) => log.child({ reference: 'abc' }).info({ status: 200 }, 'request'));
  expect(line).toEqual({
    level: 'info',
    time: '2026-11-22T10:00:00.000Z',
    reference: 'abc',
    status: 200,
    msg: 'request',
  });
});

test('less than the level is left out', () => {
  expect(logged((log) => log.debug('hidden'))).toEqual([]);
});

describe('secrets are censored (ASVS 16.2.5)', () => {
  test.each<[object]>([
    [{ password: 'hush' }],
    [{ body: { password: 'hush', code: 'hush' } }],
    [{ code: 'hush' }],
    [{ request: { headers: { cookie: 'hush', authorization: 'hush' } } }],
    [{ response: { headers: { 'set-cookie': ['hush'] } } }],
    [{ params: { id_token_hint: 'hush', client_secret: 'hush', code_verifier: 'hush' } }],
    [{ url: '/callback?code=hush&state=1#hush' }],
  ])('%j', (entry) => {
    const [line] = logged((log) => log.info(entry));
    expect(JSON.stringify(line)).not.toContain('hush');
  });

  test("a system error's code stays", () => {
    const err = Object.assign(new Error('no way'), { code: 'ECONNREFUSED' });
    const [line] = logged((log) => log.error({ err }));
    expect(line).toMatchObject({ err: { code: 'ECONNREFUSED', message: 'no way' } });
  });
});

test('line breaks in a value do not make a line (ASVS 16.4.1)', () => {
  const lines = logged((log) => log.info({ username: 'a\n{"level":"fatal"}\r\n\u2028' }, 'x\ny'));
  expect(lines).toHaveLength(1);
});
