import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Context } from 'koa';
import { aliasesAt, alternativesOf, createCertificates, isSubject } from '../../src/oidc/clients/certificates.ts';
import { certificate } from '../support/certificate.ts';

describe('a certificate in the header of a proxy', () => {
  const [mine, theirs] = [certificate(), certificate()].map(({ cert }) => cert) as [string, string];
  const fingerprint = (pem: string) => new X509Certificate(pem).fingerprint256;
  const base64 = (pem: string) => new X509Certificate(pem).raw.toString('base64');
  /** Whose certificate comes with a request to `host` with `header`. */
  function shown(header: string, address?: string, host = 'login.example.hu') {
    const ctx = { host, req: { socket: {} }, get: () => header } as unknown as Context;
    const { getCertificate } = createCertificates({ header: 'client-cert', address } as never, () => new Date());
    return getCertificate(ctx)?.fingerprint256;
  }

  test('is believed at the address of certificates alone, where there is one', () => {
    const [header, second] = [`:${base64(mine)}:`, 'https://mtls.login.example.hu'];
    expect(shown(header)).toBe(fingerprint(mine));
    expect(shown(header, second, 'mtls.login.example.hu')).toBe(fingerprint(mine));
    expect(shown(header, second, 'MTLS.login.example.hu')).toBe(fingerprint(mine));
    expect(shown(header, second)).toBeUndefined();
    expect(shown(header, 'https://login.example.hu')).toBe(fingerprint(mine));
  });

  test.each<[string, (pem: string) => string]>([
    ['as RFC 9440 has it', (pem) => `:${base64(pem)}:`],
    ['as bytes in base64', base64],
    ['as nginx escapes it', encodeURIComponent],
  ])('is believed when it is one, %s', (_how, write) => {
    expect(shown(write(mine))).toBe(fingerprint(mine));
    // Two headers, as Node joins them: whoever sent the first is not the proxy.
    expect(shown(`${write(theirs)}, ${write(mine)}`)).toBeUndefined();
    expect(shown(`${write(mine)},`)).toBeUndefined();
  });

  test('is not believed when it is one of two in one text', () => {
    expect(shown(encodeURIComponent(theirs + mine))).toBeUndefined();
    expect(shown('nonsense')).toBeUndefined();
  });
});

type RelativeNames = Record<string, string>[];
/** Whether a certificate of the relative names `subject` is one of the service that is registered with `expected`. */
const matches = (subject: RelativeNames, expected: string) =>
  isSubject(new X509Certificate(certificate({ subject }).cert).subject, expected);

describe('RFC 8705, 2.1.2: a subject is the registered name of RFC 4514', () => {
  const service: RelativeNames = [{ C: 'HU' }, { O: 'Example Kft.' }, { CN: 'service.example.hu' }];
  const listed: RelativeNames = [{ C: 'HU' }, { O: 'Example, Kft.' }, { CN: 'a + b "c" \\ #;<=>' }];
  const spaced = [{ CN: ' Árvíztűrő\nO=x ' }];
  const twofold = [{ CN: 'x', OU: 'y' }];
  const onefold = [{ CN: 'x + OU=y' }];
  test.each<[RelativeNames, string, boolean]>([
    [service, 'CN=service.example.hu,O=Example Kft.,C=HU', true],
    [service, 'CN=service.example.hu, O=Example Kft., C=HU', true],
    [service, 'C=HU,O=Example Kft.,CN=service.example.hu', false],
    [service, 'CN=service.example.hu,O=Example Kft.', false],
    [service, '', false],
    [listed, 'CN=a \\+ b \\"c\\" \\\\ \\#\\;\\<\\=\\>,O=Example\\, Kft.,C=HU', true],
    [listed, 'CN=a \\2b b \\22c\\22 \\5c #\\;\\<=\\>,O=Example\\2C Kft.,C=HU', true],
    [spaced, 'CN=\\ \\C3\\81rvíztűrő\\0AO=x\\ ', true],
    [spaced, 'CN=Árvíztűrő\\0AO=x', false],
    [spaced, 'O=x\\ ,CN=\\ Árvíztűrő', false],
    [twofold, 'OU=y+CN=x', true],
    [twofold, 'CN=x+OU=y', true],
    [twofold, 'CN=x \\+ OU\\=y', false],
    [twofold, 'OU=y,CN=x', false],
    [[], '', false],
    [[], '+', false],
    [onefold, 'CN=x \\+ OU\\=y', true],
    [onefold, 'CN=x+OU=y', false],
    [onefold, 'CN=x + OU=y', false],
  ])('%j and %s: %s', (subject, expected, isTheSame) => expect(matches(subject, expected)).toBe(isTheSame));
});

test('alternative names, and none hidden in another', () => {
  expect(
    alternativesOf('DNS:a.example, IP Address:10.0.0.1, URI:"https://x/, DNS:evil.example", email:a@b.hu'),
  ).toEqual([
    { kind: 'DNS', value: 'a.example' },
    { kind: 'IP Address', value: '10.0.0.1' },
    { kind: 'URI', value: 'https://x/, DNS:evil.example' },
    { kind: 'email', value: 'a@b.hu' },
  ]);
});

test('the endpoint of devices has an alias where devices may begin, and none where it is not there', () => {
  const second = 'https://mtls.example.hu';
  const device = { device_authorization_endpoint: `${second}/device/auth` };
  expect(aliasesAt(second, true).mtls_endpoint_aliases).toMatchObject(device);
  expect(aliasesAt(second, false).mtls_endpoint_aliases).not.toHaveProperty('device_authorization_endpoint');
});
