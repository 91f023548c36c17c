import { expect, test } from '@jest/globals';
import { aliasesAt, alternativesOf, subjectOf } from '../../src/oidc/certificates.ts';

test('a name of RFC 4514 as Node writes a subject', () => {
  expect(subjectOf('CN=service.example.hu,O=Example Kft.,C=HU')).toBe('C=HU\nO=Example Kft.\nCN=service.example.hu');
  expect(subjectOf('CN=a\\, b, C=HU')).toBe('C=HU\nCN=a, b');
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
