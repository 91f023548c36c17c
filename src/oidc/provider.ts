/**
 * oidc-provider, set up: told what configuration.ts says, and bent where its configuration does not reach. A provider
 * belongs to one set of signing keys; new keys mean a new provider over the same stores.
 */

import type Keygrip from 'keygrip';
import Provider, { errors, type JWKS, type KoaContextWithOIDC } from 'oidc-provider';
import type { Settings } from '../../config/settings.ts';
import type { Audit } from '../audit/audit.ts';
import type { Records } from '../records/records.ts';
import type { State } from '../state/state.ts';
import { audited, noteReplay, type Replay, type SessionBegan } from './audited.ts';
import { asPayload } from './clients/clients.ts';
import { keepClientKeys } from './clients/keys.ts';
import type { NoteLegacyUse } from './clients/legacy-use.ts';
import { deviceGrant, profileNameOf } from './clients/profiles.ts';
import type { NoteSpellings } from './clients/retired-aliases.ts';
import { configurationOf } from './configuration.ts';
import { type DevicePages, deviceAnswers } from './device-flow.ts';
import { FormlessProvider, type FormPost } from './form-answers.ts';
import { keepLevelLife } from './level-life.ts';
import { sendOn } from './library-pages.ts';
import { noticeSignOuts, type Tell } from './logout/notices.ts';
import { refuseLogoutTokens } from './logout/token.ts';
import type { Outbound } from './outbound.ts';
import type { Assessor, MethodFacts } from './policy.ts';
import { forgetBrowser } from './sessions/browser.ts';
import { keepNewerCookie } from './sessions/cookie.ts';
import { createSessionRecords } from './sessions/records.ts';
import { leaveClient, nameRecordsInIds } from './sessions/sessions.ts';
import { createBegunWrites } from './stored/begun-writes.ts';
import type { Guesses } from './stored/device-codes.ts';
import { keepFields } from './stored/kept-fields.ts';
import { acceptOnce } from './stored/replays.ts';

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
  /** Told of each new browser session before the answer leaves. */
  sessionBegan: SessionBegan;
  /** Throws while tokens cannot be signed; asked before anything is used up. */
  signerReady: () => Promise<void>;
  /** Told when something already used up was used again, after its grant has been revoked. */
  onReplay: (facts: Replay) => void;
  now: () => Date;
}

/** A provider for `settings.issuer`. Nothing is read from the stores until it serves. */
export function createProvider(options: ProviderOptions): Provider {
  const { settings, state, now } = options;
  const sessionRecords = createSessionRecords(state);
  const writes = createBegunWrites();
  const devicePages: DevicePages = { ...options.pages.device, error: options.pages.error };
  const provider: FormlessProvider = new FormlessProvider(
    settings.issuer,
    configurationOf(options, {
      sessionRecords,
      writes,
      devicePages,
      onReplay: replayed,
      clientOf: (id) => provider.Client.find(id),
    }),
  );
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
  provider.use(audited(options.audit, options.sessionBegan, writes));
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
