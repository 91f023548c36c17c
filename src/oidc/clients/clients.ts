/**
 * Clients as the protocol library wants them, from records, through a cache: a change made by the operator is seen within
 * the cache's age. Unknown clients are remembered too, so that made-up ids do not each cost a query.
 */

import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import type { Settings } from '../../../config/settings.ts';
import type { ClientRules } from '../../assurance/request.ts';
import type { Records } from '../../records/records.ts';
import { unused } from '../stored/adapter.ts';
import { ownClient, ownClientId } from './own-client.ts';
import { imposedBy, profileOf } from './profiles.ts';

/** How many clients, known and unknown, the cache holds. */
const most = 5000;

/** The adapter of clients. `maxAge` is the cache's, in seconds. */
export function clients(records: Records['clients'], maxAge: number, now: () => Date): Adapter {
  const cache = new Map<string, { payload: AdapterPayload | undefined; until: number }>();
  return {
    async find(id) {
      const time = now().getTime();
      const cached = cache.get(id);
      if (cached && cached.until > time) return cached.payload;
      const record = await records.find(id);
      const payload = record && asPayload(record.id, record.metadata);
      cache.delete(id);
      cache.set(id, { payload, until: time + maxAge * 1000 });
      if (cache.size > most) cache.delete(cache.keys().next().value!);
      return payload;
    },
    upsert: () => unused('Client', 'upsert'),
    destroy: () => unused('Client', 'destroy'),
    consume: () => unused('Client', 'consume'),
    revokeByGrantId: async () => {},
    findByUid: () => unused('Client', 'findByUid'),
    findByUserCode: () => unused('Client', 'findByUserCode'),
  };
}

/** `adapter` with Kapu's own client beside those of the records. */
export function withOwn(adapter: Adapter, settings: Pick<Settings, 'issuer' | 'secrets'>): Adapter {
  const own = asPayload(ownClientId, ownClient(settings));
  return { ...adapter, find: async (id) => (id === ownClientId ? own : adapter.find(id)) };
}

/**
 * The library would fill `default_acr_values` into the request, where it could no longer be told from what was asked; so it
 * travels under a name of its own (OpenID Connect Registration, 2: the request overrides the default).
 */
export function asPayload(id: string, metadata: Record<string, unknown>): AdapterPayload {
  const { default_acr_values: wished_acr_values, ...rest } = metadata;
  return {
    ...rest,
    ...imposedBy(metadata),
    client_id: id,
    ...(wished_acr_values !== undefined && { wished_acr_values }),
  };
}

/** What a client's registration says of levels. */
export function rulesOf(client: { [key: string]: unknown }): ClientRules {
  return {
    defaultAcrValues: client.wished_acr_values as string[] | undefined,
    minimumLevel: client.minimum_level as string | undefined,
    excludedMethods: client.excluded_methods as string[] | undefined,
  };
}

/**
 * Refuses a client whose profile has no bearer tokens while nothing here would bind them, as when `mtls` has been taken out of
 * the settings. Asked for each of its own keys, with what the library has recognized of the client.
 */
export function refuseUnbound(_ctx: unknown, key: string, _value: unknown, client: { [key: string]: unknown }): void {
  const isBound = client.dpop_bound_access_tokens || client.tls_client_certificate_bound_access_tokens;
  if (key === 'profile' && profileOf(client).bound && !isBound)
    throw new errors.InvalidClientMetadata('its tokens would not be bound');
}
