import type { lookup as resolveName } from 'node:dns';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createPlain, type RequestListener, type Server } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createOutbound, isPublicAddress } from '../../src/oidc/outbound.ts';
import { selfSigned } from '../support/certificate.ts';
import { testClock } from '../support/clock.ts';

const folder = mkdtempSync(join(tmpdir(), 'kapu-outbound-'));
const ca = join(folder, 'ca.pem');
const clock = testClock({ still: true });
const reports: { address: string; reason: string }[] = [];
let secure: Server;
let plain: Server;
let answer: RequestListener;
let asked = 0;

const portOf = (server: Server) => (server.address() as AddressInfo).port;
const outbound = (networks: string[], lookup?: typeof resolveName) =>
  createOutbound({
    settings: { networks, ca },
    report: (facts) => void reports.push(facts),
    now: clock.now,
    ...(lookup && { lookup }),
  });
/** A resolver that answers `addresses`, one list a question, the last for ever. */
const resolving = (...lists: string[][]) => {
  let question = 0;
  return ((_name: string, _options: object, done: (fault: null, found: object[]) => void) => {
    const addresses = lists[Math.min(question++, lists.length - 1)]!;
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  }) as unknown as typeof resolveName;
};

beforeAll(async () => {
  const { key, cert } = selfSigned('localhost', 'rp.example');
  writeFileSync(ca, cert);
  const listener: RequestListener = (request, response) => {
    asked += 1;
    answer(request, response);
  };
  secure = createServer({ key, cert }, listener);
  plain = createPlain(listener);
  for (const server of [secure, plain]) await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
});
beforeEach(() => {
  asked = 0;
  reports.length = 0;
  answer = (_request, response) => response.end('{"keys":[]}');
});
afterAll(() => {
  for (const server of [secure, plain]) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true });
});

describe('addresses', () => {
  test.each(['1.1.1.1', '8.8.8.8', '193.224.1.1', '2a00:1450:4001::1', '2606:4700::1111'])(
    '%s is public',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  test.each([
    ...[
      '127.0.0.1',
      '127.1.2.3',
      '10.0.0.1',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
      '169.254.169.254',
      '0.0.0.0',
    ],
    ...[
      '100.64.0.1',
      '224.0.0.1',
      '255.255.255.255',
      '192.0.2.1',
      '198.18.0.1',
      '::',
      '::1',
      'fe80::1',
      'fc00::1',
      'fd12::1',
    ],
    ...[
      '::ffff:127.0.0.1',
      '::ffff:8.8.8.8',
      '64:ff9b::7f00:1',
      '2002:7f00:1::',
      '2001:db8::1',
      'ff02::1',
      'localhost',
      '',
    ],
  ])('%s is not', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe('what may be asked', () => {
  test.each([
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://0x7f000001/',
    'https://2130706433/',
    'https://[::ffff:7f00:1]/',
    'https://169.254.169.254/latest/meta-data',
    'http://8.8.8.8/',
    'ftp://8.8.8.8/',
    'file:///etc/passwd',
  ])('not %s', async (address) => {
    await expect(outbound([]).fetch(address)).rejects.toThrow(/may be asked|only https/);
    expect(reports).toHaveLength(1);
  });

  test('not a name that is at home here, nor one that is at several places', async () => {
    const port = portOf(secure);
    for (const addresses of [['127.0.0.1'], ['8.8.8.8', '10.0.0.1'], ['::1'], []]) {
      const { fetch } = outbound([], resolving(addresses));
      await expect(fetch(`https://rp.example:${port}/`)).rejects.toThrow('may be asked');
    }
    expect(asked).toBe(0);
  });

  test('a name is resolved once: the address that was checked is connected to', async () => {
    // Whoever resolves it again gets another address, as an attacker's name server would have it.
    const { fetch } = outbound(['127.0.0.1'], resolving(['127.0.0.1'], ['10.255.255.1']));
    expect((await fetch(`https://rp.example:${portOf(secure)}/`)).status).toBe(200);
    expect(asked).toBe(1);
  });

  test('what the operator names, plain http as well', async () => {
    const own = outbound(['127.0.0.0/8']);
    expect(await (await own.fetch(`https://127.0.0.1:${portOf(secure)}/`)).json()).toEqual({ keys: [] });
    expect((await own.fetch(`http://127.0.0.1:${portOf(plain)}/`)).status).toBe(200);
  });

  test('not a server whose certificate is for others', async () => {
    const { fetch } = outbound(['127.0.0.0/8'], resolving(['127.0.0.1']));
    await expect(fetch(`https://other.example:${portOf(secure)}/`)).rejects.toThrow(/altnames|certificate/);
  });
});

describe('an answer', () => {
  const ask = (path = '/') => outbound(['127.0.0.0/8']).fetch(`https://127.0.0.1:${portOf(secure)}${path}`);

  test('that sends elsewhere is none', async () => {
    answer = (_request, response) => response.writeHead(302, { location: 'https://127.0.0.1/' }).end();
    await expect(ask()).rejects.toThrow('redirects are not followed');
    expect(asked).toBe(1);
  });

  test('that is too large is none', async () => {
    answer = (_request, response) => response.end('x'.repeat(100_000));
    await expect(ask()).rejects.toThrow('larger than');
  });

  test('that does not come, or does not end, is waited for three seconds', async () => {
    answer = (_request, response) => void response.write('{');
    const before = performance.now();
    await expect(ask()).rejects.toThrow();
    expect(performance.now() - before).toBeLessThan(8_000);
  });

  test('that changes the protocol is none, and nobody waits for it', async () => {
    answer = (request) =>
      request.socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n');
    const { fetch } = outbound(['127.0.0.0/8']);
    for (const method of ['GET', 'POST'])
      await expect(fetch(`https://localhost:${portOf(secure)}/changed/${method}`, { method })).rejects.toThrow(
        'ended without an answer',
      );
  });

  test('is told of without what stands behind the question mark', async () => {
    answer = (_request, response) => response.writeHead(500).end();
    await expect(ask('/jwks?token=secret')).rejects.toThrow('status 500');
    expect(reports).toEqual([{ address: `https://127.0.0.1:${portOf(secure)}/jwks`, reason: 'status 500' }]);
  });
});

describe('an address', () => {
  test('is asked once in ten seconds, by however many', async () => {
    const { fetch } = outbound(['127.0.0.0/8']);
    const address = `https://127.0.0.1:${portOf(secure)}/`;
    await Promise.all(Array.from({ length: 20 }, () => fetch(address)));
    await clock.pass(9_000);
    await fetch(address);
    expect(asked).toBe(1);
    await clock.pass(2_000);
    await fetch(address);
    expect(asked).toBe(2);
  });

  test('that fails is served by its last good answer for a day', async () => {
    const { fetch } = outbound(['127.0.0.0/8']);
    const address = `https://127.0.0.1:${portOf(secure)}/`;
    await fetch(address);
    answer = (_request, response) => response.writeHead(500).end();
    await clock.pass(23 * 3600_000);
    expect(await (await fetch(address)).json()).toEqual({ keys: [] });
    await clock.pass(2 * 3600_000);
    await expect(fetch(address)).rejects.toThrow('status 500');
  });

  test('that fails is not knocked at again at once', async () => {
    const { fetch } = outbound(['127.0.0.0/8']);
    answer = (_request, response) => response.writeHead(500).end();
    for (let time = 0; time < 5; time++)
      await expect(fetch(`https://127.0.0.1:${portOf(secure)}/`)).rejects.toThrow('status 500');
    expect(asked).toBe(1);
  });

  test('is posted to each time', async () => {
    const { fetch } = outbound(['127.0.0.0/8']);
    const bodies: string[] = [];
    answer = (request, response) => {
      request.on('data', (chunk) => bodies.push(String(chunk)));
      request.on('end', () => response.writeHead(204).end());
    };
    for (const body of ['a', 'b']) {
      const { status } = await fetch(`https://127.0.0.1:${portOf(secure)}/`, { method: 'POST', body });
      expect(status).toBe(204);
    }
    expect(bodies).toEqual(['a', 'b']);
  });
});
