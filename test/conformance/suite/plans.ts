/**
 * The plans of the OpenID conformance suite that Kapu is to pass: the suite's name of each, its variant, the clients that it
 * plays, and what is known beforehand not to pass, with the reason. docs/conformance.md says the same in words.
 */

import type { signingClients } from '../../../config/conformance.ts';

/** Something other than PASSED that is meant to be so. */
export interface Expected {
  module: string;
  result: 'SKIPPED' | 'WARNING' | 'FAILED';
  /** The condition (`src` in the suite's log) that does not pass; any where none is named. */
  condition?: string;
  reason: string;
}

export interface Plan {
  /** What `--plan` takes. */
  name: string;
  /** What the suite calls it. */
  planName: string;
  variant: Readonly<Record<string, string>>;
  /** What the suite plays: clients with secrets, one pair that signs, or whoever registers. */
  clients: 'secret' | 'told' | 'registered' | keyof typeof signingClients;
  expected: readonly Expected[];
}

const skipped = (reason: string, ...modules: string[]): Expected[] =>
  modules.map((module) => ({ module, result: 'SKIPPED', reason }));

const noAddress = skipped(
  'Kapu holds neither postal addresses nor phone numbers, and discovery names no such scope',
  'oidcc-scope-address',
  'oidcc-scope-phone',
  'oidcc-scope-all',
);
const signedOnly = skipped(
  'request objects are taken signed and by value only, and discovery names no `none`',
  'oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported',
  'oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported',
  'oidcc-ensure-request-object-with-redirect-uri',
);
const noUnsigned = skipped('ID tokens are always signed', 'oidcc-idtoken-unsigned');
const fewOfProfile: Expected = {
  module: 'oidcc-scope-profile',
  result: 'WARNING',
  condition: 'VerifyScopesReturnedInUserInfoClaims',
  reason: 'of the claims of the scope profile Kapu holds name, birthdate, locale and updated_at',
};
const code = { server_metadata: 'discovery', client_registration: 'static_client' };
const fapi = { fapi_profile: 'plain_fapi', openid: 'openid_connect' };

export const plans: readonly Plan[] = [
  {
    name: 'oidcc-basic',
    planName: 'oidcc-basic-certification-test-plan',
    variant: code,
    clients: 'secret',
    expected: [...noAddress, fewOfProfile, ...signedOnly, ...noUnsigned],
  },
  {
    name: 'oidcc-config',
    planName: 'oidcc-config-certification-test-plan',
    variant: {},
    clients: 'secret',
    expected: [],
  },
  {
    name: 'oidcc-formpost-basic',
    planName: 'oidcc-formpost-basic-certification-test-plan',
    variant: code,
    clients: 'secret',
    expected: [...noAddress, fewOfProfile, ...signedOnly, ...noUnsigned],
  },
  {
    name: 'oidcc-rp-initiated-logout',
    planName: 'oidcc-rp-initiated-logout-certification-test-plan',
    variant: { response_type: 'code', client_registration: 'static_client' },
    clients: 'secret',
    expected: [],
  },
  {
    name: 'oidcc-backchannel-rp-initiated-logout',
    planName: 'oidcc-backchannel-rp-initiated-logout-certification-test-plan',
    variant: { response_type: 'code', client_registration: 'static_client' },
    clients: 'told',
    expected: [],
  },
  {
    name: 'oidcc-dynamic',
    planName: 'oidcc-dynamic-certification-test-plan',
    variant: { response_type: 'code' },
    clients: 'registered',
    expected: [
      ...noUnsigned,
      ...signedOnly,
      ...skipped(
        'request objects are taken by value or pushed; nothing is fetched for a request',
        'oidcc-request-uri-unsigned',
        'oidcc-request-uri-signed-rs256',
      ),
    ],
  },
  {
    name: 'fapi2-security-profile-key-dpop',
    planName: 'fapi2-security-profile-final-test-plan',
    variant: { ...fapi, client_auth_type: 'private_key_jwt', sender_constrain: 'dpop' },
    clients: 'conformance-key-dpop',
    expected: [],
  },
  {
    name: 'fapi2-security-profile-key-mtls',
    planName: 'fapi2-security-profile-final-test-plan',
    variant: { ...fapi, client_auth_type: 'private_key_jwt', sender_constrain: 'mtls' },
    clients: 'conformance-key-mtls',
    expected: [],
  },
  {
    name: 'fapi2-security-profile-mtls-mtls',
    planName: 'fapi2-security-profile-final-test-plan',
    variant: { ...fapi, client_auth_type: 'mtls', sender_constrain: 'mtls' },
    clients: 'conformance-mtls-mtls',
    expected: [],
  },
  {
    name: 'fapi2-message-signing',
    planName: 'fapi2-message-signing-final-test-plan',
    variant: {
      ...fapi,
      client_auth_type: 'private_key_jwt',
      sender_constrain: 'dpop',
      fapi_request_method: 'signed_non_repudiation',
      fapi_response_mode: 'jarm',
    },
    clients: 'conformance-signed',
    expected: [],
  },
];
