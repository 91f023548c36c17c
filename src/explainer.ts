/**
 * Explains requests of a deployment: looks up the client, the person and what they have allowed it, and hands them to
 * src/explain. It reads records and changes nothing; it never sends the request.
 */

import type { Settings } from '../config/settings.ts';
import type { Evidence } from './assurance/evidence.ts';
import { canUse } from './assurance/hold.ts';
import { clientIdOf } from './explain/address.ts';
import { type Explanation, explainRequest } from './explain/explain.ts';
import { evidenceOf } from './explain/session.ts';
import type { ExplainedMethod } from './explain/steps.ts';
import type { ClientMetadata } from './oidc/clients/metadata.ts';
import type { Account, Records } from './records/records.ts';

/** What is asked about a request. */
export interface Question {
  url: string;
  /** The level that the browser's session has reached, `age` seconds ago; undefined: nobody is signed in. */
  session?: { level: string; age: number };
  /** The user name of who signs in; undefined: somebody who has set up every method. */
  username?: string;
  /** The client as it is to be, in the place of the one in the records. */
  client?: ClientMetadata;
}

export type Explained =
  | { outcome: 'explained'; explanation: Explanation }
  | { outcome: 'unknown-person' | 'disabled-person' }
  | { outcome: 'unknown-level'; known: string[] }
  /** Nobody's session, or not this person's, can have reached the level. */
  | { outcome: 'level-out-of-reach' }
  /** No session lives that long; `longest` in seconds. */
  | { outcome: 'session-too-old'; longest: number };

export type Explainer = (question: Question) => Promise<Explained>;

export interface ExplainerOptions {
  settings: Pick<Settings, 'issuer' | 'levels' | 'scopes' | 'resources' | 'methodsOff' | 'times' | 'signUp'>;
  /** Every method that exists. */
  methods: readonly (ExplainedMethod & { proves: string; availableTo(account: Account): boolean })[];
  records: Pick<Records, 'clients' | 'accounts' | 'consents'>;
  now: () => Date;
}

/** Where the protocol library answers authorization requests. */
export const authorizationPath = '/auth';

/** An explainer of requests to `settings.issuer`. It throws RecordsUnavailable when the records are away. */
export function createExplainer({ settings, methods: all, records, now }: ExplainerOptions): Explainer {
  const methods = all.filter(({ name }) => !settings.methodsOff.includes(name));

  return async ({ url, session, username, client: given }) => {
    const account = username === undefined ? undefined : await records.accounts.findByUsername(username);
    if (username !== undefined && !account) return { outcome: 'unknown-person' };
    if (account?.status === 'disabled') return { outcome: 'disabled-person' };
    const at = now();
    const usable = methods.filter((method) => !account || canUse(method, account, at)).map(({ name }) => name);

    let evidence: Evidence | undefined;
    if (session) {
      const level = settings.levels.find(({ name }) => name === session.level);
      if (!level) return { outcome: 'unknown-level', known: settings.levels.map(({ name }) => name) };
      const longest = settings.times.sessionMax;
      if (session.age > longest) return { outcome: 'session-too-old', longest };
      evidence = evidenceOf(level, usable, new Date(at.getTime() - session.age * 1000));
      if (!evidence) return { outcome: 'level-out-of-reach' };
    }

    const client = given ?? (await clientOf(url));
    const consent = account && client && (await records.consents.find(account.id, client.client_id));
    const explanation = explainRequest({
      url,
      endpoint: `${settings.issuer}${authorizationPath}`,
      client,
      ladder: settings.levels,
      scopeRules: settings.scopes,
      methods,
      resources: settings.resources,
      person: account && { name: account.username, usable, consented: consent?.scopes },
      session: evidence,
      signUp: settings.signUp.enabled,
      now: at,
    });
    return { outcome: 'explained', explanation };
  };

  async function clientOf(url: string): Promise<ClientMetadata | undefined> {
    const id = clientIdOf(url);
    const record = id === undefined ? undefined : await records.clients.find(id);
    // What is in the records was checked when it was put there.
    return record && ({ client_id: record.id, ...record.metadata } as unknown as ClientMetadata);
  }
}
