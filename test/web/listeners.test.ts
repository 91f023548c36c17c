/** TLS of Kapu's own, for people. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { read, wire } from '../conformance/wire.ts';
import { selfSigned } from '../support/certificate.ts';
import { startKapu, type TestKapu } from '../support/kapu.ts';

const folder = mkdtempSync(join(tmpdir(), 'kapu-tls-'));
const { key, cert } = selfSigned('localhost');
let kapu: TestKapu;

beforeAll(async () => {
  writeFileSync(join(folder, 'key.pem'), key);
  writeFileSync(join(folder, 'cert.pem'), cert);
  kapu = await startKapu({
    change(settings) {
      settings.issuer = settings.issuer.replace('http:', 'https:');
      settings.tls = { key: join(folder, 'key.pem'), cert: join(folder, 'cert.pem') };
    },
  });
});
afterAll(async () => {
  await kapu.stop();
  rmSync(folder, { recursive: true });
});

test('people come by https, and are sent there again', async () => {
  const { body, headers } = await read(await wire({ ca: cert })(`${kapu.issuer}/.well-known/openid-configuration`));
  expect(body).toMatchObject({ issuer: kapu.issuer, token_endpoint: `${kapu.issuer}/token` });
  expect(headers.get('strict-transport-security')).toContain('max-age');
});

test('no browser is asked for a certificate, and nothing older than TLS 1.2 is spoken', async () => {
  const { hostname, port } = new URL(kapu.issuer);
  const meet = (maxVersion: 'TLSv1.1' | 'TLSv1.3') =>
    new Promise<string | null>((resolve, reject) => {
      const socket = connect(
        { host: hostname, port: Number(port), ca: cert, minVersion: 'TLSv1.1', maxVersion },
        () => {
          resolve(socket.getProtocol());
          socket.end();
        },
      );
      socket.on('error', reject);
    });
  expect(await meet('TLSv1.3')).toBe('TLSv1.3');
  await expect(meet('TLSv1.1')).rejects.toThrow();
});
