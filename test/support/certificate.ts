/**
 * A self-signed certificate made while the test runs, so that none stands in the repository and none runs out. Node
 * can make keys but no certificates: what is missing is this much of X.509 (RFC 5280, 4.1) in DER.
 */

import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';

const der = (tag: number, ...parts: Buffer[]): Buffer => {
  const content = Buffer.concat(parts);
  const { length } = content;
  const prefix = length < 128 ? [tag, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(prefix), content]);
};
const sequence = (...parts: Buffer[]) => der(0x30, ...parts);
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'));
const bits = (content: Buffer) => der(0x03, Buffer.from([0]), content);
const time = (at: Date) => der(0x18, Buffer.from(`${at.toISOString().replace(/[-:T]|\..*/g, '')}Z`));

const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'));
const attributeIds: Record<string, string> = { CN: '550403', C: '550406', O: '55040a', OU: '55040b' };
const basicConstraints = '551d13';
const subjectAltName = '551d11';
const crlDistributionPoints = '551d1f';

/** RFC 5280, 4.2.1.13: one point, of which the full name is an address. */
const pointAt = (url: string) => sequence(sequence(der(0xa0, der(0xa0, der(0x86, Buffer.from(url))))));

/** A key and its certificate, in PEM, and what it needs to sign others. */
export interface Issued {
  key: string;
  cert: string;
  name: Buffer;
  privateKey: KeyObject;
}

export interface CertificateOptions {
  /** Its common name; a name of its own where none is given, since authorities are found by name. */
  commonName?: string;
  /** Instead, its whole name: the attributes of each relative name, from the broadest on. */
  subject?: readonly Readonly<Record<string, string>>[];
  /** Names of servers; the address 127.0.0.1 comes with them. */
  hosts?: readonly string[];
  /** Who signs it; by itself where nobody is given. */
  by?: Issued;
  /** Hours from now until it ends. */
  hours?: number;
  /** Where its issuer says to list those that are revoked. */
  revokedAt?: string;
}

/** A certificate that is not an authority's unless nobody else signs it. */
export function certificate(options: CertificateOptions = {}): Issued {
  const { commonName, subject, hosts = [], by, hours = 1, revokedAt } = options;
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const relativeNames = subject ?? [{ CN: commonName ?? `Kapu test ${randomUUID()}` }];
  const attribute = ([type, value]: [string, string]) =>
    sequence(oid(attributeIds[type]!), der(0x0c, Buffer.from(value)));
  const name = sequence(...relativeNames.map((each) => der(0x31, ...Object.entries(each).map(attribute))));
  const hour = 60 * 60 * 1000;
  const alternatives = [...hosts.map((host) => der(0x82, Buffer.from(host))), der(0x87, Buffer.from([127, 0, 0, 1]))];
  const extension = (id: string, value: Buffer) => sequence(oid(id), der(0x04, value));
  const isAuthority = by ? [] : [der(0x01, Buffer.from([0xff]))];

  const content = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))), // X.509 version 3
    der(0x02, Buffer.from([1])), // serial number
    ecdsaWithSha256,
    by?.name ?? name,
    sequence(time(new Date(Date.now() - 2 * hour)), time(new Date(Date.now() + hours * hour))),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(
      0xa3,
      sequence(
        extension(basicConstraints, sequence(...isAuthority)),
        extension(subjectAltName, sequence(...alternatives)),
        ...(revokedAt === undefined ? [] : [extension(crlDistributionPoints, pointAt(revokedAt))]),
      ),
    ),
  );
  const signature = bits(sign('sha256', content, by?.privateKey ?? privateKey));
  const bytes = sequence(content, ecdsaWithSha256, signature);
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${bytes.toString('base64')}\n-----END CERTIFICATE-----\n`,
    name,
    privateKey,
  };
}

/** A key and a certificate for `names` and the address 127.0.0.1, in PEM; it is its own authority, valid for an hour. */
export function selfSigned(...names: string[]): { key: string; cert: string } {
  const { key, cert } = certificate({ hosts: names });
  return { key, cert };
}
