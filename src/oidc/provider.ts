/**
 * oidc-provider, set up: which of its features are on, and where they meet Kapu's stores, policy and pages. A provider
 * belongs to one set of signing keys; new keys mean a new provider over the same stores.
 */

import type Keygrip from 'keygrip';
import Provider, { type Configuration, errors, type JWKS, type KoaContextWithOIDC } from 'oidc-provider';
import type { Settings } from '../../config/settings.ts';
import type { Audit } from '../audit/audit.ts';
import type { Records } from '../records/records.ts';
import type { State } from '../state/state.ts';
import { asOidcAccount, claimsByScope, pairwiseSubject } from './account.ts';
import { createAdapters, oncePerRequest } from './adapters.ts';
import { algorithmsOf } from './algorithms.ts';
import { audited, noteReplay, type Replay } from './audited.ts';
import { forgetBrowser } from './browser.ts';
import { aliasesAt, certificateFeature } from './certificates.ts';
import { keepClientKeys } from './client-keys.ts';
import { extraClientProperties, supportedScopes } from './client-metadata.ts';
import { deviceGrant, profileNameOf, profileOf } from './client-profiles.ts';
import { asPayload, refuseUnbound } from './clients.ts';
import type { Guesses } from './device-codes.ts';
import { type DevicePages, deviceAnswers, deviceFlow } from './device-flow.ts';
import { FormlessProvider, type FormPost } from './form-answers.ts';
import { createGrantLoader, type Supported } from './grants.ts';
import { interactionPath } from './interaction-path.ts';
import { keepFields } from './kept-fields.ts';
import type { NoteLegacyUse } from './legacy-use.ts';
import { isBefore, keepLevelLife, noteOnCode, noteOnRefreshToken, refuseAged } from './level-life.ts';
import { sendOn } from './library-pages.ts';
import { noticeSignOuts, type Tell } from './logout-notices.ts';
import { refuseLogoutTokens } from './logout-token.ts';
import type { Outbound } from './outbound.ts';
import { type Assessor, createPolicy, type MethodFacts } from './policy.ts';
import { acceptOnce } from './replays.ts';
import { mayIntrospect, resourceServer, unnamedResource } from './resources.ts';
import type { NoteSpellings } from './retired-aliases.ts';
import { keepNewerCookie } from './session-cookie.ts';
import { createSessionRecords } from './session-records.ts';
import { leaveClient, nameRecordsInIds } from './sessions.ts';
import { clockTolerance, dpop, refuseAssertion, refuseRequestObject } from './signed-by-clients.ts';
import { leaveTrace } from './trace.ts';

/** The pages that the protocol itself shows. Each answers the request. */
export interface ProtocolPages {
  error(ctx: KoaContextWithOIDC, out: { error: string; error_description?: string }, error: Error): Promise<void>;
  confirmSignOut(ctx: KoaContextWithOIDC, xsrf: string): Promise<void>;
  /** After the question; `stays`: the person is signed in still. */
  signedOut(ctx: KoaContextWithOIDC, stays: boolean): Promise<void>;
  formPost: FormPost;
  device: Omit<DevicePages, 'error'>;
}

export interface ProviderOptions {
  settings: Settings;
  jwks: JWKS;
  cookieKeys: Keygrip;
  state: State;
  records: Records;
  assessor: Assessor;
  methods: readonly MethodFacts[];
  noteSpellings: NoteSpellings;
  noteLegacyUse: NoteLegacyUse;
  outbound: Outbound;
  /** Bounds guesses at devices' codes. */
  guesses: Guesses;
  /** Tells services of sign-outs. */
  tellServices: Tell;
  pages: ProtocolPages;
  audit: Audit;
  /** Throws while tokens cannot be signed; asked before anything is used up. */
  signerReady: () => Promise<void>;
  /** Told when something already used up was used again, after its grant has been revoked. */
  onReplay: (facts: Replay) => void;
  now: () => Date;
}

/** A provider for `settings.issuer`. Nothing is read from the stores until it serves. */
export function createProvider(options: ProviderOptions): Provider {
  const { settings, state, records, now } = options;
  const sessionRecords = createSessionRecords(state);
  const accountOf = oncePerRequest((id: string) => records.accounts.find(id));
  const supported = supportedBy(settings);
  const devicePages: DevicePages = { ...options.pages.device, error: options.pages.error };
  const provider = new FormlessProvider(settings.issuer, configuration());
  provider.answerByForm(options.pages.formPost);

  // Evidence travels in the session, which otherwise drops what it does not know; `sessions.ts` merges it.
  keepFields(provider.Session, 'evidence');
  nameRecordsInIds(provider);
  keepLevelLife(provider);
  keepClientKeys(provider, now);
  noticeSignOuts(provider, options.tellServices);
  refuseLogoutTokens(provider);

  provider.ReplayDetection.unique = acceptOnce(state, now);
  // The library revokes a grant at the token endpoint for one reason: what was used up is used again.
  provider.on('grant.revoked', (ctx) => {
    const { oidc } = ctx;
    if (oidc.route !== 'token') return;
    const kinds: Record<string, string> = { refresh_token: 'RefreshToken', [deviceGrant]: 'DeviceCode' };
    const kind = kinds[String(oidc.params?.grant_type)] ?? 'AuthorizationCode';
    replayed({ kind, clientId: oidc.client?.clientId, accountId: oidc.account?.accountId });
  });
  provider.on('end_session.success', (ctx) => {
    if (ctx.oidc.params?.logout) forgetBrowser(ctx);
    else if (ctx.oidc.client) leaveClient(sessionRecords, ctx.oidc.client.clientId);
  });
  provider.proxy = settings.trustedProxies.length > 0;
  provider.use(keepNewerCookie);
  provider.use(sendOn);
  provider.use(deviceAnswers(settings.deviceFlow, devicePages));
  provider.use(audited(options.audit));
  provider.use(async (ctx, next) => {
    await next();
    const client = ctx.oidc?.client;
    if (client && profileNameOf(client) === 'legacy') options.noteLegacyUse(client.clientId);
  });
  return provider;

  function replayed(facts: Replay): void {
    const ctx = Provider.ctx;
    if (ctx) noteReplay(ctx, facts);
    options.onReplay(facts);
  }

  /** Whether a token of its account, or of none, may still be used. */
  async function isActive(token: object): Promise<boolean> {
    const { accountId, clientId } = token as { accountId?: string; clientId?: string };
    // What a client that has been removed, or cannot be loaded any more, was given is worth nothing.
    const client = clientId && (await provider.Client.find(clientId).catch(unlessFaulty));
    if (!client) return false;
    return accountId === undefined || (await usable(accountId, token)) !== undefined;
  }

  /** The account, unless it is disabled or `token` is from before its sessions were ended. */
  async function usable(id: string, token: unknown) {
    const account = await accountOf(id);
    return account?.status === 'active' && !isBefore(token, account.validSince) ? account : undefined;
  }

  function configuration(): Configuration {
    const { times, secrets, mtls } = settings;
    const secure = settings.issuer.startsWith('https:');
    const cookie = { httpOnly: true, sameSite: 'lax', signed: true, secure } as const;
    return {
      adapter: createAdapters({ ...options, onReplay: replayed, sessionRecords, accountOf, supported }),
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
        policy: createPolicy(options),
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
  }
}

/** Why `provider` could not serve a client with this metadata; undefined when it can. */
export function problemOf({ Client }: Provider, id: string, metadata: Record<string, unknown>): string | undefined {
  try {
    new (Client as unknown as new (payload: object) => unknown)(asPayload(id, metadata));
    return undefined;
  } catch (error) {
    if (error instanceof errors.OIDCProviderError) return error.error_description ?? error.message;
    throw error;
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
