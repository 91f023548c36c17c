/**
 * Setting a passkey up: the page on which a browser makes one, and what is kept of it. Several are fine, and better than one:
 * whoever loses a phone still has the key on the key ring.
 */

import { createHmac, hash } from 'node:crypto';
import type { Context } from 'koa';
import type { Account, Credential } from '../../../src/records/records.ts';
import { deviceOf } from '../../device.ts';
import { field } from '../../form.ts';
import type { Enrolment, EnrolmentVisit } from '../../method.ts';
import { formStatus } from '../../send.ts';
import type { Binding } from './challenges.ts';
import { nameIn, suggestedName } from './names.ts';
import { type SetUpModel, setUpPage } from './page.ts';
import type { Parts } from './passkey.ts';
import { texts } from './texts.ts';
import { type Attestation, challengeIn, creationOptions, type Passkey, verifyNew } from './webauthn.ts';

/** How many a person can have. */
const most = 10;

/** Enrolment with what the method works with. */
export function createEnrolment(parts: Parts): Enrolment {
  return {
    most,
    about: (locale) => texts[locale].about,
    describe(credential, locale) {
      const { synced, backedUp } = passkeyIn(credential);
      const t = texts[locale].kept;
      return synced ? (backedUp ? t.synced : t.syncable) : t.bound;
    },
    routes(router, visits) {
      router.get('/', async (ctx) => {
        const visit = await visits(ctx);
        if (visit) await show(ctx, visit, parts);
      });

      /** For the page's script: what the browser is to make. */
      router.post('/options', async (ctx) => {
        const visit = await visits(ctx);
        if (!visit) return;
        const { account, view } = visit;
        const challenge = parts.challenges.make(bindingOf(visit));
        const names = { party: parts.settings.deployment.name[view.locale], user: account.username };
        const own = (await visit.credentials()).map(passkeyIn);
        ctx.set('cache-control', 'no-store');
        ctx.body = creationOptions(parts.party, challenge, names, userHandleOf(account, parts), own);
      });

      router.post('/', async (ctx) => {
        const visit = await visits(ctx);
        if (!visit) return;
        if (field(ctx, 'cancel') !== undefined) return visit.done();
        await submitted(ctx, visit, parts);
      });
    },
  };
}

async function submitted(ctx: Context, visit: EnrolmentVisit, parts: Parts): Promise<void> {
  const attestation = attestationIn(ctx);
  if (attestation === 'none') return show(ctx, visit, parts, 'no-script');
  const challenge = attestation === 'broken' ? '' : challengeIn(attestation.clientData);
  const heard = await parts.challenges.take(bindingOf(visit), challenge);
  if (heard === 'over') return show(ctx, visit, parts, 'expired');
  const before = await visit.credentials();
  if (before.length >= most) return show(ctx, visit, parts);
  const made =
    attestation === 'broken' || heard === 'wrong'
      ? undefined
      : await verifyNew(parts.party, challenge, userHandleOf(visit.account, parts), attestation);
  if (!made) return show(ctx, visit, parts, 'refused');
  if (!(await isNew(made, parts))) return show(ctx, visit, parts, 'already');
  const taken = before.flatMap(({ name }) => name ?? []);
  const { locale } = visit.view;
  const name = nameIn(field(ctx, 'name') ?? '') || suggestedName(made, systemOf(ctx), locale, taken);
  const added = await visit.add([{ method: 'passkey', id: keyOf(made.id), data: { ...made }, name }]);
  if (!added) return show(ctx, visit, parts, 'already');
  return visit.done();
}

/**
 * Whether nobody has a passkey of this id, nor is getting one at this moment: an id names its owner, whoever else knows it
 * (WebAuthn Level 3, 7.1, step 26).
 */
async function isNew({ id }: Passkey, { state, credentials }: Parts): Promise<boolean> {
  const key = keyOf(id);
  if (!(await state.add(`passkey.new:${key}`, '', 60))) return false;
  return (await credentials.owner('passkey', key)) === undefined;
}

/** What the id of a credential is kept under: ids may be longer than a key of a database. */
export function keyOf(id: string): string {
  return hash('sha256', id, 'base64url');
}

/** What is kept of a credential of this method. */
export function passkeyIn({ data }: Credential): Passkey {
  return data as unknown as Passkey;
}

/**
 * The account's name among authenticators: the same for all of its passkeys, and of no meaning to whoever keeps them (WebAuthn Level
 * 3, 14.6.1). Not the account's id, which stands in the audit; and under a key that never changes.
 */
function userHandleOf({ id }: Account, { settings }: Parts): string {
  return createHmac('sha256', settings.secrets.pairwiseSalt)
    .update(JSON.stringify(['passkey user handle', id]))
    .digest('base64url');
}

const bindingOf = ({ id, account }: EnrolmentVisit): Binding => ({
  purpose: 'set-up',
  visit: id,
  accountId: account.id,
});

/** The device's system as its owner calls it. */
const systemOf = (ctx: Context): string | undefined => deviceOf(ctx.get('user-agent')).system || undefined;

/** Ways that a browser reaches an authenticator over, of which there are a few, as words. */
const transport = /^[a-z][a-z-]{1,19}$/;

/** What the script has put into the form: 'none' where no script has run. */
function attestationIn(ctx: Context): Attestation | 'none' | 'broken' {
  const [id, clientData, attestation] = ['id', 'client-data', 'attestation'].map((name) => field(ctx, name));
  if (!id && !clientData && !attestation) return 'none';
  if (![id, clientData, attestation].every((text) => text && /^[\w-]+$/.test(text))) return 'broken';
  const transports = (field(ctx, 'transports') ?? '').split(' ').filter((name) => transport.test(name));
  return { id: id!, clientData: clientData!, attestation: attestation!, transports: transports.slice(0, 8) };
}

async function show(
  ctx: Context,
  visit: EnrolmentVisit,
  { pages }: Parts,
  problem?: SetUpModel['problem'],
): Promise<void> {
  const path = ctx.path.replace(/\/$/, '');
  const full = (await visit.credentials()).length >= most;
  const model: SetUpModel = {
    action: path,
    optionsAt: `${path}/options`,
    name: nameIn(field(ctx, 'name') ?? ''),
    most,
    problem: full ? 'full' : problem,
  };
  const status = formStatus(problem);
  visit.show(setUpPage(pages, visit.view, model), { status, script: true });
}
