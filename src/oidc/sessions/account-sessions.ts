/**
 * A person's browser sessions from the outside, by their uids: whether one lives still, ending it, and taking back what one service
 * has of them. Which sessions there have been is in the audit; this file knows those of the library.
 */

import type Provider from 'oidc-provider';
import type { Session } from 'oidc-provider';
import { restore, since } from '../../assurance/evidence.ts';
import type { Source } from '../../audit/audit.ts';
import type { Account } from '../../records/records.ts';
import type { State } from '../../state/state.ts';
import { noticesOf, type Tell } from '../logout/notices.ts';
import type { SessionWithEvidence } from '../policy.ts';
import { createSessionRecords } from './records.ts';
import { leftClient, proofOf } from './sessions.ts';

export interface LiveSession {
  uid: string;
  /** When the session ends unless it is used. */
  endsAt: Date;
  /** The services that it has signed in to. */
  clientIds: string[];
}

type Owner = Pick<Account, 'id' | 'validSince'>;

export interface AccountSessions {
  /** The session `uid`, if it is that person's and lives. */
  find(uid: string, owner: Owner): Promise<LiveSession | undefined>;
  /** Ends it, and has its services told. False where it is not that person's, or over. */
  end(uid: string, owner: Owner, source: Source): Promise<boolean>;
  /** Has its services told that it is over, for whoever ends all of its owner's sessions at once. Nothing where it is not that person's. */
  tellEnd(uid: string, owner: Owner, source: Source): Promise<void>;
  /** Notes that its owner has proven `method` in it now. It stays the person's own when all others are ended. */
  prove(uid: string, owner: Owner, method: string): Promise<void>;
  /**
   * Takes back what a service has: its part of each of the sessions `uids`, of which it is told, and the authorizations `grantIds`
   * with all of their tokens.
   */
  leave(clientId: string, owner: Owner, held: { uids: string[]; grantIds: string[] }, source: Source): Promise<void>;
}

export interface AccountSessionsOptions {
  provider: () => Provider;
  state: State;
  /** Tells services of sign-outs. */
  tell: Tell;
  now: () => Date;
}

/** The sessions that `provider` keeps in `state`. Its verbs throw StateUnavailable. */
export function createAccountSessions({ provider, state, tell, now }: AccountSessionsOptions): AccountSessions {
  const records = createSessionRecords(state);

  async function sessionOf(uid: string, { id, validSince }: Owner): Promise<SessionWithEvidence | undefined> {
    const session = (await provider().Session.findByUid(uid)) as SessionWithEvidence | undefined;
    if (session?.accountId !== id) return undefined;
    // Ended with all of the account's: what has been proven in it counts for nothing.
    return since(restore(session.evidence), validSince).length > 0 ? session : undefined;
  }

  const endOf = ({ exp }: Session) => (exp ?? 0) * 1000;

  return {
    async find(uid, owner) {
      const session = await sessionOf(uid, owner);
      if (!session) return undefined;
      return { uid, endsAt: new Date(endOf(session)), clientIds: Object.keys(session.authorizations ?? {}) };
    },

    async end(uid, owner, source) {
      const session = await sessionOf(uid, owner);
      if (!session) return false;
      const toTell = await noticesOf(provider(), session, source);
      await session.destroy();
      tell(toTell);
      return true;
    },

    async tellEnd(uid, owner, source) {
      const session = await sessionOf(uid, owner);
      if (session) tell(await noticesOf(provider(), session, source));
    },

    async prove(uid, { id }, method) {
      const session = await provider().Session.findByUid(uid);
      if (session?.accountId !== id) return;
      const left = Math.max(1, Math.ceil((endOf(session) - now().getTime()) / 1000));
      await records.write(uid, {}, proofOf(method, now()), left);
    },

    async leave(clientId, owner, { uids, grantIds }, source) {
      const current = provider();
      for (const uid of uids) {
        const session = await sessionOf(uid, owner);
        const own = session?.authorizations?.[clientId];
        if (!session || !own) continue;
        const toTell = (await noticesOf(current, session, source)).filter((notice) => notice.clientId === clientId);
        if (own.grantId) grantIds = [...grantIds, own.grantId];
        const left = Math.ceil((endOf(session) - now().getTime()) / 1000);
        await records.write(uid, leftClient(clientId), {}, left);
        tell(toTell);
      }
      for (const jti of new Set(grantIds))
        await new current.Grant({ accountId: owner.id, clientId, jti } as object).destroy();
    },
  };
}
