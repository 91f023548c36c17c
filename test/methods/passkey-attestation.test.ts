/**
 * What a new passkey may bring beside its key. Whoever makes one chooses what stands in it, and certificates name addresses: no
 * chain may have this server ask one (SSRF; ASVS 1.3.6).
 */

import { createHash, sign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { SettingsService } from '@simplewebauthn/server';
import { partyOf, verifyNew } from '../../interactions/methods/passkey/webauthn.ts';
import { Authenticator, type Lies } from '../support/authenticator.ts';
import { certificate, type Issued } from '../support/certificate.ts';

const origin = 'https://login.example.hu';
const challenge = Buffer.alloc(32, 7).toString('base64url');
const base64url = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64url');
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();
const bytesOf = ({ cert }: Issued) => Buffer.from(cert.replace(/-----[A-Z ]+-----/g, ''), 'base64');

let asked: string[];
let server: Server;
let address: string;

beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    asked.push(request.url!);
    response.end('internal');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/latest/meta-data/`;
});
afterEach(() => void server.close());

function verify(lies: Lies) {
  const fields = new Authenticator({ origin }).create(
    { challenge, rp: { id: 'login.example.hu' }, user: { id: 'dXNlcg' } },
    lies,
  );
  const { id, 'client-data': clientData, attestation } = fields;
  return verifyNew(partyOf(origin), challenge, 'dXNlcg', {
    ...{ id: id!, clientData: clientData!, attestation: attestation!, transports: [] },
  });
}

/** A chain to a root that the library is made to trust, whose last certificate names the address. */
async function chainFor(format: 'android-safetynet' | 'packed', subject: Record<string, string>[]) {
  await verify({});
  const root = certificate({ commonName: 'Public Web Root' });
  SettingsService.setRootCertificates({ identifier: format, certificates: [root.cert] });
  return certificate({ subject, by: root, revokedAt: address });
}

test('none, and what the key says of itself', async () => {
  expect(await verify({})).toMatchObject({ counter: 1 });
  const attest: Lies['attest'] = (signed, key) => ({
    format: 'packed',
    statement: [
      ['alg', -7],
      ['sig', sign('sha256', signed, key)],
    ],
  });
  expect(await verify({ attest })).toMatchObject({ counter: 1 });
  expect(
    await verify({
      attest: (signed) => attest(Buffer.concat([signed, signed]), certificate().privateKey),
    }),
  ).toBeUndefined();
});

test('a chain of SafetyNet leads nowhere', async () => {
  const leaf = await chainFor('android-safetynet', [{ CN: 'attest.android.com' }]);
  const made = await verify({
    attest(signed) {
      const header = { alg: 'ES256', x5c: [bytesOf(leaf).toString('base64')] };
      const said = { nonce: sha256(signed).toString('base64'), ctsProfileMatch: true, timestampMs: Date.now() - 100 };
      const token = [header, said].map((part) => base64url(JSON.stringify(part))).join('.');
      const statement: [string, string | Buffer][] = [
        ['ver', '1'],
        ['response', Buffer.from(`${token}.AAAA`)],
      ];
      return { format: 'android-safetynet', statement };
    },
  });
  expect(made).toBeUndefined();
  expect(asked).toEqual([]);
});

test('nor does one of "packed", however well it is signed', async () => {
  const names: Record<string, string>[] = [
    { C: 'HU' },
    { O: 'Example' },
    { OU: 'Authenticator Attestation' },
    { CN: 'Example' },
  ];
  const leaf = await chainFor('packed', names);
  const made = await verify({
    attest: (signed) => ({
      format: 'packed',
      statement: [
        ['alg', -7],
        ['sig', sign('sha256', signed, leaf.privateKey)],
        ['x5c', { list: [bytesOf(leaf)] }],
      ],
    }),
  });
  expect(made).toBeUndefined();
  expect(asked).toEqual([]);
});

test.each(['tpm', 'android-key', 'apple', 'fido-u2f', 'compound', ''])('%j is refused as it is', async (format) => {
  expect(await verify({ attest: () => ({ format, statement: [['x5c', { list: [] }]] }) })).toBeUndefined();
});

test('the library trusts nobody', async () => {
  await verify({});
  for (const identifier of ['android-key', 'android-safetynet', 'apple', 'mds', 'fido-u2f', 'tpm'] as const)
    expect(SettingsService.getRootCertificates({ identifier })).toEqual([]);
});
