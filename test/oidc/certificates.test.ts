import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { aliasesAt, alternativesOf, isSubject } from '../../src/oidc/certificates.ts';
import { certificate } from '../support/certificate.ts';

/** Whether a certificate of the relative names `subject` is one of the service that is registered with `expected`. */
const matches = (subject: Record<string, string>[], expected: string) =>
  isSubject(new X509Certificate(certificate({ subject }).cert).subject, expected);

describe('RFC 8705, 2.1.2: a subject is the registered name of RFC 4514', () => {
  const service = [{ C: 'HU' }, { O: 'Example Kft.' }, { CN: 'service.example.hu' }];
  const listed = [{ C: 'HU' }, { O: 'Example, Kft.' }, { CN: 'a + b "c" \\ #;<=>' }];
  const spaced = [{ CN: ' Árvíztűrő\nO=x ' }];
  const twofold = [{ CN: 'x', OU: 'y' }];
  const onefold = [{ CN: 'x + OU=y' }];
  test.each([
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
