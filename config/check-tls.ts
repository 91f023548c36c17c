/** TLS of Kapu's own, and certificates of clients: settings that do nothing, or not what they look like. Pure. */

import { error, type Problem, when } from './problems.ts';
import type { Settings } from './settings.ts';

/** What is wrong with `tls` and `mtls`. */
export function checkTls({ issuer, tls, mtls, trustedProxies }: Settings): Problem[] {
  return [
    ...when(
      tls !== undefined && !issuer.startsWith('https:'),
      error('issuer', 'is http, and tls has people come by https', 'write https'),
    ),
    ...when(
      mtls !== undefined && !mtls.header && !mtls.listen,
      error('mtls', 'has no place that certificates come from', 'set header, or listen'),
    ),
    ...when(
      mtls?.listen !== undefined && mtls.address === undefined,
      error(
        'mtls.address',
        'is missing',
        "set the address that mtls.listen is reached at: 'https://mtls.login.example.hu'",
      ),
    ),
    ...when(
      mtls?.header !== undefined && trustedProxies.length === 0,
      error('mtls.header', 'is believed of nobody', 'name the proxy that sets it in trustedProxies'),
    ),
  ];
}
