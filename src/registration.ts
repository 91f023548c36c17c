/**
 * The endpoint at which services register themselves (RFC 7591; OpenID Connect Dynamic Client Registration 1.0), and manage what they have
 * registered (RFC 7592). Who has no invitation of an operator's does not get in.
 */

import { randomBytes } from 'node:crypto';
import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import type { Audit } from './audit/audit.ts';
import { type ClientSurroundings, usesSecret } from './oidc/clients/metadata.ts';
import { type Registered, registered, servers } from './oidc/clients/registration.ts';
import type { RegistrationTokens } from './oidc/clients/registration-tokens.ts';
import type { Records } from './records/records.ts';
import type { State } from './state/state.ts';

/** Where it answers. */
export const registrationPath = '/reg';

export interface RegistrationOptions {
  issuer: string;
  tokens: RegistrationTokens;
  surroundings: ClientSurroundings;
  clients: Records['clients'];
  state: Pick<State, 'spend'>;
  audit: Audit;
  /** Why the protocol cannot serve a client with this metadata; undefined when it can. */
  unusable: (id: string, metadata: Record<string, unknown>) => string | undefined;
  now: () => Date;
}

type Fields = Record<string, unknown>;

/** The routes of registration. */
export function createRegistration(options: RegistrationOptions): Router {
  const { issuer, tokens, surroundings, clients, state, audit, now } = options;
  const router = new Router({ prefix: registrationPath });
  router.use(bodies());

  /** What is asked for, checked by our rules and the protocol's; answers the request when it cannot be. */
  function check(ctx: Context, id: string, before?: Fields): (Registered & { outcome: 'fine' }) | undefined {
    const asked = (ctx.request as { body?: unknown }).body as Fields;
    const result = registered(asked, id, surroundings, before);
    if (result.outcome === 'refused') return refuse(ctx, 400, result.error, result.description);
    const secret = usesSecret(result.client) && { client_secret: before?.client_secret ?? secretText() };
    Object.assign(result.client, secret);
    const reason = options.unusable(id, result.client);
    return reason === undefined ? result : refuse(ctx, 400, 'invalid_client_metadata', reason);
  }

  /** The registration that the request's address and token are for; answers the request when they are for none. */
  async function own(ctx: Context): Promise<{ id: string; metadata: Fields } | undefined> {
    const id = String(ctx.params.id);
    const record = tokens.isTokenOf(bearerOf(ctx), id) ? await clients.find(id) : undefined;
    return record ?? refuse(ctx, 401, 'invalid_token', 'the registration access token is none of this client’s');
  }

  function answer(ctx: Context, status: number, id: string, metadata: Fields, more: Fields = {}): void {
    ctx.status = status;
    ctx.body = {
      client_id: id,
      ...metadata,
      ...(metadata.client_secret !== undefined && { client_secret_expires_at: 0 }),
      ...more,
      registration_access_token: tokens.tokenOf(id),
      registration_client_uri: `${issuer}${registrationPath}/${id}`,
    };
  }

  router.post('/', async (ctx) => {
    const invitation = tokens.invitationIn(bearerOf(ctx), now());
    if (!invitation) return refuse(ctx, 401, 'invalid_token', 'the initial access token is none, or is over');
    const id = `dyn-${randomBytes(16).toString('base64url')}`;
    const result = check(ctx, id);
    if (!result) return undefined;
    // Counted before the client is there, and only for one that can be.
    const left = Math.max(1, Math.ceil((invitation.until.getTime() - now().getTime()) / 1000));
    const spent = await state.spend(`registration:${invitation.id}`, { '': invitation.uses }, left);
    if (spent.outcome === 'over') return refuse(ctx, 401, 'invalid_token', 'the initial access token has been used');
    await audit.write(ctx, 'registration.added', { clientId: id, detail: { invitation: invitation.id } });
    await clients.put(id, result.client);
    return answer(ctx, 201, id, result.client, { client_id_issued_at: Math.floor(now().getTime() / 1000) });
  });

  router.get('/:id', async (ctx) => {
    const record = await own(ctx);
    if (record) answer(ctx, 200, record.id, record.metadata);
  });

  router.put('/:id', async (ctx) => {
    const record = await own(ctx);
    if (!record) return undefined;
    const { id, metadata } = record;
    const asked = (ctx.request as { body?: unknown }).body as Fields;
    const forbidden = servers.find((name) => asked[name] !== undefined);
    if (forbidden) return refuse(ctx, 400, 'invalid_request', `${forbidden} is not for the client to say`);
    if (asked.client_id !== id) return refuse(ctx, 400, 'invalid_request', 'client_id is not this client’s');
    if (asked.client_secret !== undefined && asked.client_secret !== metadata.client_secret)
      return refuse(ctx, 400, 'invalid_request', 'client_secret is not this client’s');
    const result = check(ctx, id, metadata);
    if (!result) return undefined;
    await audit.write(ctx, 'registration.changed', { clientId: id });
    await clients.put(id, result.client);
    return answer(ctx, 200, id, result.client);
  });

  router.delete('/:id', async (ctx) => {
    const record = await own(ctx);
    if (!record) return;
    await audit.write(ctx, 'registration.removed', { clientId: record.id });
    await clients.remove(record.id);
    ctx.status = 204;
  });
  return router;
}

const secretText = () => randomBytes(32).toString('base64url');

/** The token of the request (RFC 6750, 2.1). */
function bearerOf(ctx: Context): string {
  return /^Bearer ([\w.~+/=-]+)$/i.exec(ctx.get('authorization'))?.[1] ?? '';
}

function refuse(ctx: Context, status: number, error: string, description: string): undefined {
  ctx.status = status;
  if (status === 401) ctx.set('www-authenticate', `Bearer error="${error}"`);
  ctx.body = { error, error_description: description };
}

/** Reads JSON objects; nothing that is answered is kept by anybody. */
function bodies(): Middleware {
  const parse = bodyParser({
    enableTypes: ['json'],
    jsonLimit: '64kb',
    onError(error) {
      throw Object.assign(error, { status: (error as { status?: number }).status ?? 400, expose: true });
    },
  });
  return async (ctx, next) => {
    ctx.set('cache-control', 'no-store');
    if (ctx.method !== 'POST' && ctx.method !== 'PUT') return next();
    await parse(ctx as never, async () => {});
    const { body } = ctx.request as { body?: unknown };
    const isObject = typeof body === 'object' && body !== null && !Array.isArray(body) && ctx.is('json');
    if (!isObject) return refuse(ctx, 400, 'invalid_client_metadata', 'the body has to be a JSON object');
    return next();
  };
}
