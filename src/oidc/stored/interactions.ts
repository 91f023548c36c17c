/** How interactions are stored: as documents, of which the request that resumes one takes it, once. */

import Provider, { type Adapter, type AdapterPayload, type KoaContextWithOIDC } from 'oidc-provider';
import type { State } from '../../state/state.ts';
import type { Beginning } from '../policy.ts';
import { knownBrowserOf } from '../sessions/browser.ts';
import { keyOf } from './adapter.ts';

/**
 * The adapter of interactions, on top of plain `documents`. Resuming one takes it out of the store by one atomic step, so
 * that it resumes once. One that is not this browser's, or not its session's any more, is put back and not found.
 */
export function waiting({ documents, state, accountOf, signerReady, now }: WaitingOptions): Adapter {
  return {
    ...documents,
    async find(id) {
      const ctx = resuming();
      if (!ctx) return documents.find(id);
      const taken = await state.take(keyOf('Interaction', id));
      if (!taken) return undefined;
      const payload: AdapterPayload & Waiting = { ...JSON.parse(taken.value), jti: id };
      const putBack = () => documents.upsert(id, payload, payload.exp! - Math.floor(now().getTime() / 1000));
      const person = payload.result?.login?.accountId;
      try {
        // While the records are away, or the answer cannot be signed, nothing is used up: the person who tries again goes on.
        await Promise.all([
          person !== undefined && accountOf(person),
          isSigned(payload.params?.response_mode) && signerReady(),
        ]);
      } catch (fault) {
        await putBack();
        throw fault;
      }
      if (mayGoOn(ctx, payload)) return payload;
      await putBack();
      return undefined;
    },
    async destroy(id) {
      if (!resuming()) await documents.destroy(id);
    },
  };
}

export interface WaitingOptions {
  documents: Adapter;
  state: State;
  /** The account, looked up once in a request. */
  accountOf: (id: string) => Promise<unknown>;
  /** Throws while nothing can be signed. */
  signerReady: () => Promise<void>;
  now: () => Date;
}

/** What is stored of an interaction, as far as it matters here. */
interface Waiting {
  prompt: { details: Partial<Beginning> };
  /** The session that it began in. */
  session?: { uid?: string };
  result?: { login?: { accountId: string } };
}

/** Whether answers by `responseMode` are signed (JARM, 2.3). */
export function isSigned(responseMode: unknown): boolean {
  return typeof responseMode === 'string' && responseMode.endsWith('jwt');
}

/** The request that resumes an interaction, if this is one. */
function resuming(): KoaContextWithOIDC | undefined {
  const ctx = Provider.ctx as KoaContextWithOIDC | undefined;
  return ctx?.oidc.route === 'resume' || ctx?.oidc.route === 'device_resume' ? ctx : undefined;
}

function mayGoOn(ctx: KoaContextWithOIDC, { prompt, session: begunIn, result }: Waiting): boolean {
  const session = ctx.oidc.session!;
  const sameSession = !begunIn?.uid || begunIn.uid === session.uid;
  const samePerson = !result?.login || !session.accountId || session.accountId === result.login.accountId;
  return sameSession && samePerson && prompt.details.browser === knownBrowserOf(ctx);
}
