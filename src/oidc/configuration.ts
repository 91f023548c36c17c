/**
 * What the protocol library is told: which of its features are on, and where each meets Kapu's stores, policy and pages. What it
 * cannot be told, provider.ts does.
 */

import { type Configuration, errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { Settings } from '../../config/settings.ts';
import { asOidcAccount, claimsByScope, pairwiseSubject } from './account.ts';
import type { Replay } from './audited.ts';
import { aliasesAt, certificateFeature } from './clients/certificates.ts';
import { refuseUnbound } from './clients/clients.ts';
import { extraClientProperties, supportedScopes } from './clients/metadata.ts';
import { profileOf } from './clients/profiles.ts';
import { clockTolerance, dpop, refuseAssertion, refuseRequestObject } from './clients/signed.ts';
import { type DevicePages, deviceFlow } from './device-flow.ts';
import { interactionPath } from './interaction-path.ts';
import { algorithmsOf } from './keys/algorithms.ts';
import { isBefore, noteOnCode, noteOnRefreshToken, refuseAged } from './level-life.ts';
import { createPolicy } from './policy.ts';
import type { ProviderOptions } from './provider.ts';
import { mayIntrospect, resourceServer, unnamedResource } from './resources.ts';
import type { SessionRecords } from './sessions/records.ts';
import { createAdapters, oncePerRequest } from './stored/adapters.ts';
import type { BegunWrites } from './stored/begun-writes.ts';
import { createGrantLoader, type Supported } from './stored/grants.ts';
import { leaveTrace } from './trace.ts';

/** What provider.ts has made beside the options. */
export interface Made {
  sessionRecords: SessionRecords;
  writes: BegunWrites;
  devicePages: DevicePages;
  onReplay: (facts: Replay) => void;
  /** A client as the provider finds it. */
  clientOf: (id: string) => Promise<object | undefined>;
}

/** The library's configuration for one provider. */
export function configurationOf(options: ProviderOptions, made: Made): Configuration {
  const { settings, records, now } = options;
  const { sessionRecords, writes, devicePages, onReplay, clientOf } = made;
  const accountOf = oncePerRequest((id: string) => records.accounts.find(id));
  const supported = supportedBy(settings);
  const { times, secrets, mtls } = settings;
  const secure = settings.issuer.startsWith('https:');
  const cookie = { httpOnly: true, sameSite: 'lax', signed: true, secure } as const;
  return {
    adapter: createAdapters({ ...options, onReplay, sessionRecords, writes, accountOf, supported }),
    assertJwtClientAuthClaimsAndHeader: refuseAssertion(now),
    acrValues: settings.levels.map(({ name }) => name),
    // Always asked for (OpenID Connect Core, 3.1.2.1), also of a client that has a single one.
    allowOmittingSingleRegisteredRedirectUri: false,
    claims: { ...claimsByScope, acr: null, auth_time: null, iss: null, sid: null },
    clientBasedCORS: (_ctx, origin, client) =>
      client.clientAuthMethod === 'none' &&
      (client.redirectUris ?? []).some((uri) => URL.parse(uri)?.origin === origin),
    clockTolerance,
    clientAuthMethods: [
      ...(['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'] as const),
      ...(mtls ? (['self_signed_tls_client_auth'] as const) : []),
      ...(mtls?.ca ? (['tls_client_auth'] as const) : []),
    ],
    clientDefaults: {
      id_token_signed_response_alg: 'ES256',
      authorization_signed_response_alg: 'ES256',
      introspection_signed_response_alg: 'ES256',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      subject_type: 'pairwise',
    },
    cookies: {
      names: {
        // The prefix makes the browser itself refuse a cookie from a subdomain or over plain http (RFC 6265bis, 4.1.3).
        session: secure ? '__Host-kapu-session' : 'kapu-session',
        interaction: 'kapu-interaction',
        resume: 'kapu-resume',
      },
      keys: options.cookieKeys as never,
      long: cookie,
      short: cookie,
    },
    discovery: {
      ui_locales_supported: ['hu', 'en'],
      prompt_values_supported: [
        ...['none', 'login', 'consent', 'select_account'],
        ...(settings.signUp.enabled ? ['create'] : []),
      ],
      ...(mtls?.address && aliasesAt(mtls.address, settings.deviceFlow.enabled)),
      ...(settings.registration.enabled && { registration_endpoint: `${settings.issuer}/reg` }),
    },
    enabledJWA: algorithmsOf(options.jwks.keys as { alg?: string }[]),
    extraClientMetadata: { properties: [...extraClientProperties, 'wished_acr_values'], validator: refuseUnbound },
    // RFC 9470, 6: introspection tells a resource server how and when the person signed in.
    extraTokenClaims: (ctx) => {
      const { AuthorizationCode, DeviceCode, RefreshToken } = ctx.oidc.entities;
      const source = AuthorizationCode ?? DeviceCode ?? RefreshToken;
      return source && { acr: source.acr, amr: source.amr, auth_time: source.authTime };
    },
    features: {
      backchannelLogout: { enabled: true },
      claimsParameter: { enabled: true },
      // For machines: the only grant that the profile `service` has, and that no other has.
      clientCredentials: { enabled: true },
      deviceFlow: deviceFlow(settings.deviceFlow, devicePages),
      devInteractions: { enabled: false },
      dPoP: dpop(secrets.stateKeys[0]!, settings.dpop.nonces === 'required', now),
      // Keys of a signer (external-key.ts): how the library calls one is on trial, and an upgrade that changes it says so.
      externalSigningSupport: { enabled: true, ack: 'experimental-01' },
      fapi: {
        enabled: true,
        profile: (_ctx, client) => (client && profileOf(client).fapi ? '2.0' : undefined),
      },
      introspection: {
        enabled: true,
        allowedPolicy: async (_ctx, client, token) => mayIntrospect(client, token) && (await isActive(token)),
      },
      encryption: { enabled: true },
      jwtIntrospection: { enabled: true },
      jwtResponseModes: { enabled: true },
      jwtUserinfo: { enabled: true },
      ...(mtls && { mTLS: certificateFeature(mtls, now) as never }),
      pushedAuthorizationRequests: { enabled: true },
      // Signed ones only: by value, with a key that the client has registered (RFC 9101).
      requestObjects: { enabled: true, assertJwtClaimsAndHeader: refuseRequestObject(now) },
      resourceIndicators: {
        enabled: true,
        defaultResource: unnamedResource,
        // One authorization may be for the API and for userinfo: the token request says which it wants.
        useGrantedResource: async () => false,
        getResourceServerInfo: (_ctx, identifier, client) => resourceServer(settings, identifier, client),
      },
      revocation: { enabled: true, allowedPolicy: async (_ctx, client, token) => token.clientId === client.clientId },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx) => options.pages.confirmSignOut(ctx, String(ctx.oidc.session?.state?.secret)),
        postLogoutSuccessSource: async (ctx) => {
          const { accountId } = await ctx.oidc.provider.Session.get(ctx);
          await options.pages.signedOut(ctx, accountId !== undefined);
        },
      },
    },
    expiresWithSession: async (ctx, source) => {
      noteOnCode(ctx, source);
      return !source.scopes.has('offline_access');
    },
    fetch: options.outbound.fetch as never,
    findAccount: async (ctx, id, token) => {
      refuseAged(token, ctx.oidc.client, now());
      const account = await usable(id, token);
      return account && asOidcAccount(account, token);
    },
    interactions: {
      policy: createPolicy({ ...options, signUp: settings.signUp.enabled }),
      url: (ctx, interaction) => {
        leaveTrace(ctx, interaction.uid, String(interaction.params.client_id));
        return interactionPath(interaction.uid);
      },
    },
    jwks: options.jwks,
    loadExistingGrant: createGrantLoader(records.consents, sessionRecords, supported),
    pairwiseIdentifier: async (_ctx, accountId, client) =>
      pairwiseSubject(secrets.pairwiseSalt, accountId, client as never),
    pkce: { required: (_ctx, client) => profileOf(client).pkce },
    renderError: options.pages.error,
    responseTypes: ['code'],
    // FAPI 2.0 Security Profile, 5.3.2.1: none for clients that authenticate themselves and hold bound tokens.
    rotateRefreshToken: (ctx) => !profileOf(ctx.oidc.client!).fapi && isDue(ctx),
    routes: { userinfo: '/userinfo' },
    scopes: supported.scopes,
    subjectTypes: ['pairwise', 'public'],
    ttl: {
      AccessToken: times.accessToken,
      AuthorizationCode: times.code,
      DeviceCode: settings.deviceFlow.life,
      ClientCredentials: times.accessToken,
      Grant: (_ctx, grant) =>
        grant.getOIDCScope().split(' ').includes('offline_access')
          ? Math.max(times.refreshToken, times.sessionMax)
          : times.sessionMax,
      IdToken: times.idToken,
      Interaction: times.interaction,
      RefreshToken: (ctx, token) => {
        noteOnRefreshToken(ctx, token);
        // Absolute, not renewed by rotation (ASVS 10.4.8).
        return ctx.oidc.entities.RotatedRefreshToken?.remainingTTL ?? times.refreshToken;
      },
      // Idle time, cut off at the session's greatest age (ASVS 7.3.1, 7.3.2).
      Session: (_ctx, session) => {
        const age = session.iat ? Math.floor(now().getTime() / 1000) - session.iat : 0;
        return Math.max(1, Math.min(times.sessionIdle, times.sessionMax - age));
      },
    },
  };

  /** Whether a token of its account, or of none, may still be used. */
  async function isActive(token: object): Promise<boolean> {
    const { accountId, clientId } = token as { accountId?: string; clientId?: string };
    // What a client that has been removed, or cannot be loaded any more, was given is worth nothing.
    const client = clientId && (await clientOf(clientId).catch(unlessFaulty));
    if (!client) return false;
    return accountId === undefined || (await usable(accountId, token)) !== undefined;
  }

  /** The account, unless it is disabled or `token` is from before its sessions were ended. */
  async function usable(id: string, token: unknown) {
    const account = await accountOf(id);
    return account?.status === 'active' && !isBefore(token, account.validSince) ? account : undefined;
  }
}

/** Takes that a client cannot be loaded for there being none; a store that is away is another matter. */
function unlessFaulty(fault: unknown): undefined {
  if (!(fault instanceof errors.OIDCProviderError)) throw fault;
}

/** All that can be allowed, beside what an API has for itself. */
function supportedBy(settings: Settings): Supported {
  return {
    scopes: [...new Set([...supportedScopes, ...Object.keys(settings.scopes)])],
    claims: Object.values(claimsByScope).flat(),
  };
}

/** Whether a refresh gives a new refresh token: always to who has nothing to hold the old one by (RFC 9700, 4.14.2), else near its end. */
function isDue({ oidc }: KoaContextWithOIDC): boolean {
  const { RefreshToken: token } = oidc.entities;
  const isLoose = oidc.client?.clientAuthMethod === 'none' && !token?.isSenderConstrained();
  return isLoose || (token?.ttlPercentagePassed() ?? 0) >= 70;
}
