/**
 * Setting up the authenticator app: the page hands a new key to the app, and the app proves with a code that it has it; only then
 * does it count. The key under way is kept sealed, for this account and this beginning alone, so that nobody can bring one of
 * their own, and loading the page again shows the same one.
 */

import { randomBytes } from 'node:crypto';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { field } from '../../form.ts';
import { digitsOf } from '../../mailed-code/codes.ts';
import type { Enrolment, EnrolmentVisit, EnrolmentVisits, MethodParts } from '../../method.ts';
import { go } from '../../send.ts';
import { digits, newKey, setupAddress, stepOf } from './app.ts';
import { appOf, method } from './credential.ts';
import { type SetupModel, setupPage } from './enrolment-page.ts';
import { texts } from './texts.ts';

/** Seconds that a beginning lives. */
const life = 10 * 60;

/** How the method is set up, with what that works with. */
export function createEnrolment(parts: MethodParts): Enrolment {
  return {
    most: 1,
    // The code that ends it is used up: another one would be half a minute away.
    proves: true,
    about: (locale) => texts[locale].about,
    describe: () => '',
    routes: (router, visit) => mount(router, visit, parts),
  };
}

function mount(router: Router, visits: EnrolmentVisits, parts: MethodParts): void {
  router.get('/', async (ctx) => {
    const visit = await visits(ctx);
    if (visit) await begin(ctx, visit, parts);
  });

  router.get('/setup/:beginning', async (ctx) => {
    const visit = await visits(ctx);
    if (!visit) return;
    const begun = await find(ctx, visit, parts);
    if (!begun) return go(ctx, `${startOf(ctx)}?expired=1`);
    if (begun.over) return visit.done();
    await show(ctx, visit, parts, begun.key, ctx.query.expired === undefined ? undefined : 'expired');
  });

  router.post('/setup/:beginning', async (ctx) => {
    const visit = await visits(ctx);
    if (!visit) return;
    if (field(ctx, 'cancel') !== undefined) return visit.done();
    const begun = await find(ctx, visit, parts);
    if (!begun) return go(ctx, `${startOf(ctx)}?expired=1`);
    if (begun.over) return visit.done();
    await submitted(ctx, visit, parts, begun.key);
  });
}

/** The page has an address of its own, so that loading it again or changing its language does not change the key. */
async function begin(ctx: Context, visit: EnrolmentVisit, { state, vault }: MethodParts): Promise<void> {
  const beginning = randomBytes(16).toString('base64url');
  const sealed = await vault.seal(newKey(), placeOf(visit, beginning));
  await state.put(keptAt(visit.account.id, beginning), sealed, life);
  go(ctx, `${ctx.path.replace(/\/$/, '')}/setup/${beginning}${ctx.search}`);
}

async function submitted(ctx: Context, visit: EnrolmentVisit, parts: MethodParts, key: string): Promise<void> {
  const { account } = visit;
  const { state, vault, now } = parts;
  const typed = field(ctx, 'code') ?? '';
  if (typed.trim() === '') return show(ctx, visit, parts, key, 'missing');
  const code = digitsOf(typed, digits);
  if (!code) return show(ctx, visit, parts, key, 'malformed');
  const step = await stepOf(key, code, now());
  if (step === undefined) return show(ctx, visit, parts, key, 'wrong');
  const app = await appOf(vault, account, key, step);
  // Two clicks are one: it is written down once, and told once.
  const beginning = ctx.params.beginning!;
  const at = keptAt(account.id, beginning);
  if ((await state.consume(at, now())) !== 'consumed') return visit.done();
  const again = async () => state.put(at, await vault.seal(key, placeOf(visit, beginning)), life);
  const added = await visit.add([app], { instead: true }).catch(async (fault) => {
    await again();
    throw fault;
  });
  if (added) return visit.done();
  await again();
  return show(ctx, visit, parts, key, 'changed');
}

/** The key that is being set up, and whether that is over; undefined when it has expired or was never begun here. */
async function find(
  ctx: Context,
  visit: EnrolmentVisit,
  { state, vault }: MethodParts,
): Promise<{ key: string; over: boolean } | undefined> {
  const { beginning = '' } = ctx.params;
  if (!/^[\w-]{22}$/.test(beginning)) return undefined;
  const kept = await state.get(keptAt(visit.account.id, beginning));
  const opened = kept && (await vault.open(kept.value, placeOf(visit, beginning)));
  return opened && { key: opened.text, over: kept.consumedAt !== undefined };
}

/** Of this account, this visit and this beginning. */
const placeOf = ({ account, id }: EnrolmentVisit, beginning: string) =>
  `${method} setup ${JSON.stringify([account.id, id, beginning])}`;
const keptAt = (accountId: string, beginning: string) => `${method}-setup:${accountId}:${beginning}`;

/** Where setting up begins anew. */
const startOf = (ctx: Context) => ctx.path.replace(/\/setup\/[^/]*\/?$/i, '');

async function show(
  ctx: Context,
  visit: EnrolmentVisit,
  { pages, settings }: MethodParts,
  key: string,
  problem?: SetupModel['problem'],
): Promise<void> {
  const { account, view } = visit;
  const issuer = settings.deployment.name[view.locale];
  const model: SetupModel = {
    action: ctx.path,
    address: setupAddress({ issuer, username: account.username }, key),
    key,
    issuer,
    username: account.username,
    replaces: (await visit.credentials()).length > 0,
    problem,
  };
  visit.show(setupPage(pages, view, model), { status: problem && problem !== 'expired' ? 422 : 200 });
}
