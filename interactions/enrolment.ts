/**
 * Setting a method up, wherever that happens: what has been proven to be there is written into the audit, kept, and told to its owner
 * in one step. Who may is decided before, by whoever hands out the visit.
 */

import type { Context } from 'koa';
import type { Hold } from '../src/assurance/hold.ts';
import type { Audit } from '../src/audit/audit.ts';
import type { Account, Credential, NewNotice, Records } from '../src/records/records.ts';
import { type ByMailbox, holdIn } from '../src/stop.ts';
import { deviceInWords } from './device.ts';
import type { EnrolmentVisit, Method } from './method.ts';

export interface EnrolmentParts {
  accounts: Pick<Records['accounts'], 'change'>;
  credentials: Pick<Records['credentials'], 'list'>;
  audit: Audit;
  /** Notices have been written: they are sent at once. */
  noticesWritten(): void;
}

/** Whose visit it is, and how it goes on. */
export interface Enrolling extends Pick<EnrolmentVisit, 'id' | 'account' | 'view' | 'show'> {
  method: Method;
  /** Answers the request; `added`: with something set up in it. */
  done(added: boolean): void | Promise<void>;
  /** The service of the sign-in that it is a part of. */
  clientId?: string;
  /** That whoever sets it up may do so because the account has nothing but methods of these names. */
  onlyBeside?: readonly string[];
  /** What is written with it because it takes the place of `gone`: a hold perhaps. */
  without?(gone: readonly Credential[]): Promise<ByMailbox | undefined>;
}

/** The visit of somebody who may set `method` up. */
export function enrolmentVisit(ctx: Context, enrolling: Enrolling, parts: EnrolmentParts): EnrolmentVisit {
  const { method, clientId, onlyBeside, without, account, done, ...rest } = enrolling;
  const { accounts, credentials, audit } = parts;
  let hasAdded = false;
  const own = () => credentials.list(account.id, method.name);
  return {
    ...rest,
    account,
    credentials: own,
    done: () => done(hasAdded),
    async add(added, { instead } = { instead: false }) {
      const before = await own();
      const isThere = before.some(({ id }) => added.some((credential) => credential.id === id));
      const isTooMany = before.length + added.length > (method.enrolment?.most ?? 0);
      if (!instead && (isThere || isTooMany)) return false;
      const held = instead ? await without?.(before) : undefined;
      const notice = methodNotice(ctx, 'methodAdded', method, account, held?.hold);
      await audit.write(ctx, 'METHOD.added', { account, clientId, detail: { method: method.name } });
      const change = { add: added, ...(instead && { clear: [method.name] }), ...held };
      // Not where a stop or anything else has come in between since it was asked whether this person may.
      const isAdded = await accounts.change(account.id, change, {
        ...{ notices: [notice], seen: account },
        ...(onlyBeside && { provided: (there) => there.every((each) => onlyBeside.includes(each.method)) }),
      });
      if (isAdded) parts.noticesWritten();
      hasAdded ||= isAdded;
      return isAdded;
    },
  };
}

/** What somebody is told of a method of theirs: which, from where, and of the hold that has begun with it. */
export function methodNotice(
  ctx: Context,
  kind: 'methodAdded' | 'methodRemoved',
  method: Method,
  { locale }: Account,
  hold?: Hold,
): NewNotice {
  const from = deviceInWords(ctx.get('user-agent'), locale);
  return { kind, detail: { ...from, method: method.title(locale), ...holdIn(hold) } };
}
