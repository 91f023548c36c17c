/**
 * Who is visiting, as far as pages care: in which language, and which service they are on the way to. A language that
 * the person has switched to stays; before that the service's wish, the browser's and the setting decide, in this order.
 */

import type { Context } from 'koa';
import { nameIn, type ServiceFacts } from '../src/oidc/clients/service-facts.ts';
import { isPage } from '../src/oidc/interaction-path.ts';
import type { Locale } from '../src/records/records.ts';
import type { Service } from './method.ts';
import type { View } from './pages/render.ts';

const languageCookie = 'kapu-language';
const locales: readonly Locale[] = ['hu', 'en'];
const halfAYear = 180 * 24 * 60 * 60 * 1000;

/** What pages need to know of this request; remembers a language that its address switches to. */
export function viewOf(ctx: Context, fallback: Locale, facts?: ServiceFacts, wished?: string): View {
  const locale = localeOf(ctx, fallback, wished);
  return {
    locale,
    path: ctx.method === 'GET' ? ctx.url : ctx.path,
    service: facts && serviceIn(facts, locale),
    reference: ctx.state.reference,
  };
}

/** The language of this request (OpenID Connect Core, 3.1.2.1, ui_locales). */
function localeOf(ctx: Context, fallback: Locale, wished: string | undefined): Locale {
  const inAddress = firstOf(textOf(ctx.query.ui_locales));
  // In the address of a page of ours it is the person's switch; in a protocol address it is the service's wish.
  const switched = isPage(ctx.path) ? inAddress : undefined;
  if (switched)
    ctx.cookies.set(languageCookie, switched, { maxAge: halfAYear, httpOnly: true, sameSite: 'lax', signed: false });
  const browsers = ctx.get('accept-language') ? ctx.acceptsLanguages([...locales]) : false;
  const inOrder = [switched, ctx.cookies.get(languageCookie), wished, inAddress, browsers || undefined];
  return inOrder.map(firstOf).find((locale) => locale !== undefined) ?? fallback;
}

/** The first language of a list separated by spaces that Kapu speaks; 'hu-HU' is spoken as 'hu'. */
function firstOf(list: string | undefined): Locale | undefined {
  for (const tag of list?.split(' ') ?? []) {
    const found = locales.find((locale) => tag.toLowerCase().split('-')[0] === locale);
    if (found) return found;
  }
  return undefined;
}

function textOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function serviceIn(facts: ServiceFacts, locale: Locale): Service {
  return { clientId: facts.clientId, name: nameIn(facts, locale), url: facts.url };
}
