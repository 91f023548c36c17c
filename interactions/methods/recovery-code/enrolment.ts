/**
 * Making recovery codes: a set of ten, shown once, to be printed or written down. A new set takes the place of the old one, and the
 * page says so before.
 */

import { randomBytes } from 'node:crypto';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { field } from '../../form.ts';
import type { Enrolment, EnrolmentVisit, EnrolmentVisits, MethodParts } from '../../method.ts';
import { written } from '../../printed-code.ts';
import { formStatus } from '../../send.ts';
import { method, most, newSet } from './credential.ts';
import { codesPage, type StartModel, startPage } from './enrolment-page.ts';
import { texts } from './texts.ts';

/** How the codes are made, with what that works with. */
export function createEnrolment(parts: MethodParts): Enrolment {
  return {
    most,
    about: (locale) => texts[locale].about,
    describe: () => '',
    together: (credentials, locale) => texts[locale].leftInAll(credentials.length, most),
    routes: (router, visit) => mount(router, visit, parts),
  };
}

function mount(router: Router, visits: EnrolmentVisits, parts: MethodParts): void {
  router.get('/', async (ctx) => {
    const visit = await visits(ctx);
    if (visit) await start(ctx, visit, parts);
  });
  router.post('/', async (ctx) => {
    const visit = await visits(ctx);
    if (!visit) return;
    if (field(ctx, 'cancel') !== undefined || field(ctx, 'done') !== undefined) return visit.done();
    await make(ctx, visit, parts);
  });
}

async function start(
  ctx: Context,
  visit: EnrolmentVisit,
  { pages }: MethodParts,
  problem?: StartModel['problem'],
): Promise<void> {
  const left = (await visit.credentials()).length;
  const model = { action: ctx.path, once: randomBytes(16).toString('base64url'), most, left, problem };
  visit.show(startPage(pages, visit.view, model), { status: formStatus(problem) });
}

/** A form that is sent twice, by a double click or by loading the answer again, makes one set: the codes on paper go on working. */
async function make(ctx: Context, visit: EnrolmentVisit, parts: MethodParts): Promise<void> {
  const { state, settings, pages, now } = parts;
  const once = field(ctx, 'once') ?? '';
  const at = `${method}-made:${visit.account.id}:${once}`;
  if (!/^[\w-]{22}$/.test(once) || !(await state.add(at, '', settings.times.sessionMax)))
    return start(ctx, visit, parts, 'shown');
  const { codes, credentials } = newSet(visit.account, settings.secrets.credentialKeys);
  const added = await visit.add(credentials, { instead: true }).catch(async (fault) => {
    await state.remove(at);
    throw fault;
  });
  if (!added) return start(ctx, visit, parts, 'changed');
  const model = {
    action: ctx.path,
    codes: codes.map(written),
    username: visit.account.username,
    made: now(),
    timeZone: settings.deployment.timeZone,
  };
  visit.show(codesPage(pages, visit.view, model));
}
