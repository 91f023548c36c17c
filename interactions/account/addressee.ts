/**
 * Forms of the own pages say whom they were shown to. Two people may use one browser, each in a tab; what the one was shown must do nothing
 * to the other's account. It is no guard against other sites: same-origin.ts is.
 */

import type { Context } from 'koa';
import { hashed } from '../../src/oidc/stored/adapter.ts';
import type { Account } from '../../src/records/records.ts';
import { field } from '../form.ts';

const name = 'shown-to';
const naming = ({ id }: Pick<Account, 'id'>) => hashed(`${name} ${id}`);
/** As our templates write it. What people have typed is escaped in a page, so it is never taken for one. */
const form = /<form\b[^>]* method="post"[^>]*>/g;

/** `html` with `account` named in each of its forms. */
export function shownTo(account: Pick<Account, 'id'>, html: string): string {
  return html.replace(form, (start) => `${start}\n<input type="hidden" name="${name}" value="${naming(account)}">`);
}

/** Whether the form that this request brings was shown to somebody other than `account`. */
export function wasShownToAnother(ctx: Context, account: Pick<Account, 'id'>): boolean {
  const value = field(ctx, name);
  return value !== undefined && value !== naming(account);
}
