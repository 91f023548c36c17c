/** What the library stores and where: an adapter for each kind of thing. */

import Provider, { type Adapter, type AdapterPayload } from 'oidc-provider';
import type { Settings } from '../../../config/settings.ts';
import type { Records } from '../../records/records.ts';
import type { State } from '../../state/state.ts';
import type { Replay } from '../audited.ts';
import { clients, withOwn } from '../clients/clients.ts';
import type { SessionRecords } from '../sessions/records.ts';
import { sessions } from '../sessions/sessions.ts';
import { documents } from './adapter.ts';
import type { BegunWrites } from './begun-writes.ts';
import { deviceCodes, type Guesses } from './device-codes.ts';
import { grants, type Supported } from './grants.ts';
import { isSigned, waiting } from './interactions.ts';

export interface AdaptersOptions {
  settings: Settings;
  state: State;
  records: Records;
  sessionRecords: SessionRecords;
  writes: BegunWrites;
  supported: Supported;
  /** The account, looked up once in a request. */
  accountOf: (id: string) => Promise<unknown>;
  /** Bounds guesses at devices' codes. */
  guesses: Guesses;
  /** Throws while tokens cannot be signed. */
  signerReady: () => Promise<void>;
  /** Told when something already used up was used again, after its grant has been revoked. */
  onReplay: (facts: Replay) => void;
  now: () => Date;
}

/** The adapters, by the kind of thing. */
export function createAdapters(options: AdaptersOptions): (kind: string) => Adapter {
  const { settings, state, records, sessionRecords, writes, supported, accountOf, signerReady, now } = options;
  const longest = Math.max(settings.times.refreshToken, settings.times.sessionMax);
  const clientAdapter = withOwn(clients(records.clients, settings.times.clientCache, now), settings);
  const clientOf = async (id: string) => (await clientAdapter.find(id)) || undefined;
  const grantAdapter = grants({
    state,
    records: sessionRecords,
    clientOf,
    supported,
    longest,
    now,
  });
  const lost = (kind: string) => async (payload: AdapterPayload) => {
    const { grantId, clientId, accountId } = payload;
    if (!grantId) return;
    await grantAdapter.destroy(grantId);
    options.onReplay({ kind, clientId, accountId });
  };
  /** What is issued is read by nothing else in its request. */
  const issued = (adapter: Adapter): Adapter => ({
    ...adapter,
    upsert: (id, payload, expiresIn) => writes.add(adapter.upsert(id, payload, expiresIn) as Promise<void>),
  });
  /** The library uses up what it redeems before it asks for the person and signs: while either cannot be, nothing must be used up. */
  const afterPerson = (kind: string): Adapter => {
    const adapter = documents(kind, state, now, lost(kind));
    const find = async (id: string) => {
      const found = await adapter.find(id);
      if (found?.accountId && Provider.ctx?.oidc.route === 'token')
        await Promise.all([accountOf(found.accountId), signerReady()]);
      return found;
    };
    return issued({ ...adapter, find });
  };
  const special: Record<string, () => Adapter> = {
    AccessToken: () => issued(documents('AccessToken', state, now, lost('AccessToken'))),
    AuthorizationCode: () => afterPerson('AuthorizationCode'),
    RefreshToken: () => afterPerson('RefreshToken'),
    DeviceCode: () =>
      deviceCodes({
        documents: documents('DeviceCode', state, now, lost('DeviceCode')),
        state,
        settings: settings.deviceFlow,
        guesses: options.guesses,
        mayBeUsed: (accountId) => Promise.all([accountOf(accountId), signerReady()]),
      }),
    Client: () => clientAdapter,
    Grant: () => grantAdapter,
    Interaction: () =>
      waiting({
        documents: documents('Interaction', state, now, lost('Interaction')),
        state,
        accountOf,
        signerReady,
        now,
      }),
    PushedAuthorizationRequest: () => {
      const adapter = documents('PushedAuthorizationRequest', state, now, lost('PushedAuthorizationRequest'));
      const consume = async (id: string) => {
        if (isSigned(Provider.ctx?.oidc.params?.response_mode)) await signerReady();
        await adapter.consume(id);
      };
      return { ...adapter, consume };
    },
    // ASVS 7.3.2.
    Session: () =>
      sessions(
        sessionRecords,
        ({ iat }) => iat !== undefined && now().getTime() / 1000 - iat >= settings.times.sessionMax,
      ),
  };
  return (kind) => special[kind]?.() ?? documents(kind, state, now, lost(kind));
}

/** `read`, asked once for each name in one request of the library. */
export function oncePerRequest<T>(read: (name: string) => Promise<T>): (name: string) => Promise<T> {
  const requests = new WeakMap<object, Map<string, Promise<T>>>();
  return (name) => {
    const ctx = Provider.ctx;
    if (!ctx) return read(name);
    const known = requests.get(ctx) ?? new Map<string, Promise<T>>();
    requests.set(ctx, known);
    const asked = known.get(name) ?? read(name);
    known.set(name, asked);
    return asked;
  };
}
