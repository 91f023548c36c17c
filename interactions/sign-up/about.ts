/** What somebody says of themselves when they sign up, and whether an account can be made of it. */

import type { Context } from 'koa';
import { type NewAccount, unfit, usernameKey } from '../../src/records/records.ts';
import { field } from '../form.ts';
import type { Step } from '../method.ts';
import type { WayInParts } from '../way-in.ts';
import { dayOf, isPlausible } from './birth-date.ts';
import type { AboutModel } from './page.ts';

/** Letters of the languages of the pages, of which no two look the same; digits; and what stands between them. */
const namely = /^[a-záéíóöőúüű0-9][a-záéíóöőúüű0-9._-]{1,62}[a-záéíóöőúüű0-9]$/i;

/** What the form says of the person, and the first thing that is wrong with it. */
export function saidIn(
  ctx: Context,
  step: Step,
  { settings, now }: Pick<WayInParts, 'settings' | 'now'>,
  email: string,
): { account: NewAccount; values: Record<string, string>; problem: AboutModel['problem'] } {
  const { asks } = settings.signUp;
  const typed = (name: string) => (field(ctx, name) ?? '').trim().replaceAll(/\s+/g, ' ');
  const values = { username: typed('username'), ...Object.fromEntries(asks.map((name) => [name, typed(name)])) };
  const { username, name, birthName, birthDate } = values as Record<string, string>;
  const birthDay = dayOf(birthDate ?? '');
  const account: NewAccount = {
    ...{ username: username!, email, emailVerified: true, locale: step.view.locale, signedUp: true },
    ...(name && { name }),
    ...(birthName && { birthName }),
    ...(birthDay && { birthDate: birthDay }),
  };
  const problem = (): AboutModel['problem'] => {
    if (!username) return 'username-missing';
    if (!namely.test(username.normalize('NFC')) || usernameKey(username) === undefined) return 'username-malformed';
    if (asks.includes('name') && !name) return 'name-missing';
    if (asks.includes('birthName') && !birthName) return 'birth-name-missing';
    if (asks.includes('birthDate') && !birthDate) return 'birth-date-missing';
    if (asks.includes('birthDate') && !(birthDay && isPlausible(birthDay, now()))) return 'birth-date-malformed';
    if (unfit(account)) return 'name-malformed';
    return [name, birthName].some((text) => text && (text.length > 200 || /[<>{}\d]/.test(text)))
      ? 'name-malformed'
      : undefined;
  };
  return { account, values: values as Record<string, string>, problem: problem() };
}
