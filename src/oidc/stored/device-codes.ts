/**
 * How the codes of devices are stored (RFC 8628): under a hash, like all codes, and found by the code that a person types as well.
 * Whatever is decided of one, that it is allowed or refused, and that it is redeemed, is decided once.
 */

import Provider, { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import type { Settings } from '../../../config/settings.ts';
import type { State } from '../../state/state.ts';
import { hashed, keyOf, lifeOf } from './adapter.ts';

/** Guesses at codes that people type, counted before a code is looked up. */
export interface Guesses {
  /** Seconds until this origin may guess again; undefined when this guess is allowed. */
  refused(origin: string): Promise<number | undefined>;
  /** The guess was right. */
  right(origin: string): Promise<void>;
}

/** Too many wrong codes have come from this origin. */
export class TooManyGuesses extends errors.OIDCProviderError {
  readonly retryAfter: number;

  constructor(retryAfter: number) {
    super(429, 'too_many_codes');
    this.retryAfter = retryAfter;
    Object.assign(this, { expose: true, error_description: 'too many wrong codes' });
  }
}

export interface DeviceCodesOptions {
  /** Documents of device codes, by a hash of the code. */
  documents: Adapter;
  state: State;
  settings: Settings['deviceFlow'];
  guesses: Guesses;
  /** Resolves when a code of this account, undefined for none, may be used up. */
  mayBeUsed: (accountId: string) => Promise<unknown>;
}

/** Stands before the hash, where a code was found without being known. Nothing that a client sends begins so. */
const found = '#';
const nameOf = (id: string) => (id.startsWith(found) ? id.slice(found.length) : hashed(id));

/** The adapter of device codes. */
export function deviceCodes({ documents, state, settings, guesses, mayBeUsed }: DeviceCodesOptions): Adapter {
  const byUserCode = (userCode: string) => keyOf('UserCode', userCode);
  const isUndecided = (payload: AdapterPayload | undefined) => payload && !payload.accountId && !payload.error;

  async function read(id: string): Promise<AdapterPayload | undefined> {
    const payload = await documents.find(nameOf(id));
    return payload ? { ...payload, jti: id } : undefined;
  }

  const decided = (id: string) => keyOf('DeviceCodeDecided', nameOf(id));

  return {
    ...documents,
    async upsert(id, payload, expiresIn) {
      const life = lifeOf(expiresIn!);
      if (!isUndecided(payload)) {
        // A fault of ours decides nothing: the person tries again.
        if (payload.error === 'server_error') return;
        // Of all who decide, one browser or several, the first does.
        const first = await state.add(decided(id), '', life);
        if (!first && payload.error) return;
        if (!first) throw new errors.InvalidRequest('the code has been used');
        try {
          await documents.upsert(nameOf(id), payload, expiresIn!);
        } catch (fault) {
          await state.remove(decided(id)).catch(() => {});
          throw fault;
        }
        return;
      }
      // Who begins and leaves may begin again; so it is not noted.
      if (payload.inFlight) return;
      if (!(await state.add(byUserCode(payload.userCode!), nameOf(id), life)))
        throw new Error('two devices were given one code to type');
      await documents.upsert(nameOf(id), fresh(payload), expiresIn!);
    },
    async find(id) {
      if (Provider.ctx?.oidc.route !== 'token') return read(id);
      if (id.startsWith(found)) return undefined;
      const payload = await read(id);
      if (!payload) return undefined;
      // RFC 8628, 3.5: a second of grace for the network.
      const pause = Math.max(1, settings.interval - 1);
      if (!(await state.add(keyOf('DeviceCodeAsked', nameOf(id)), '', pause))) throw new errors.SlowDown();
      if (payload.accountId) await mayBeUsed(payload.accountId);
      return payload;
    },
    async findByUserCode(userCode) {
      const origin = Provider.ctx?.ip ?? '';
      const wait = await guesses.refused(origin);
      if (wait !== undefined) throw new TooManyGuesses(wait);
      const name = (await state.get(byUserCode(userCode)))?.value;
      const payload = name === undefined ? undefined : await read(`${found}${name}`);
      if (!isUndecided(payload)) return undefined;
      await guesses.right(origin);
      return payload;
    },
    consume: (id) => documents.consume(nameOf(id)),
    destroy: (id) => documents.destroy(nameOf(id)),
  };
}

/**
 * max_age=0 asks for a sign-in of this very request. The library turns it into a prompt, which the browser's request of a device would lose
 * (OpenID Connect Core, 3.1.2.1).
 */
function fresh(payload: AdapterPayload): AdapterPayload {
  const { prompt, ...params } = (payload.params ?? {}) as Record<string, unknown>;
  if (prompt === undefined) return payload;
  return { ...payload, params: { ...params, ...(String(prompt).includes('login') && { max_age: '0' }) } };
}
