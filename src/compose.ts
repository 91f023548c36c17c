/**
 * Puts the server together: the place that names implementations; those of stores are named in stores.ts. Settings go in,
 * and a server comes out that has opened its stores and is ready to listen.
 */

import { createServer } from 'node:http';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Middleware } from 'koa';
import koaCompose from 'koa-compose';
import type { Logger } from 'pino';
import type { Settings } from '../config/settings.ts';
import { createAccountPages } from '../interactions/account/pages.ts';
import { createAccountRoutes } from '../interactions/account/routes.ts';
import { deviceOf } from '../interactions/device.ts';
import { createTellEnded } from '../interactions/ended.ts';
import { createKnownBrowsers } from '../interactions/known-browsers.ts';
import { createDeliver } from '../interactions/mailed-code/deliver.ts';
import { createMethods } from '../interactions/methods.ts';
import { createNewPasswordForm } from '../interactions/new-password/new-password.ts';
import { createSignInNotices } from '../interactions/notices/sign-in.ts';
import { createPages } from '../interactions/pages/render.ts';
import { createProtocolPages, straightToPage } from '../interactions/protocol.ts';
import { createRoutes } from '../interactions/routes.ts';
import { createStopLinks } from '../interactions/stop/link.ts';
import { createWaysIn } from '../interactions/ways-in.ts';
import { createApp } from './app.ts';
import { createAudit } from './audit/audit.ts';
import { createDeletions } from './deletions.ts';
import { deviceGuesses } from './device-guesses.ts';
import { createOperations } from './health.ts';
import { inProcessFetch } from './in-process.ts';
import { createKeyReload } from './key-reload.ts';
import { createLog } from './log.ts';
import { createMailer } from './mail/smtp.ts';
import { createMailNews } from './mail-news.ts';
import { createMetrics } from './metrics.ts';
import { createNotices, promptKinds } from './notices/notices.ts';
import { createLegacyUse } from './oidc/clients/legacy-use.ts';
import { createRegistrationTokens } from './oidc/clients/registration-tokens.ts';
import { createRetiredAliases } from './oidc/clients/retired-aliases.ts';
import { createCurrentProvider } from './oidc/current-provider.ts';
import { createInteractions } from './oidc/interactions.ts';
import { providerJwks } from './oidc/keys/external.ts';
import { readKeys } from './oidc/keys/keys.ts';
import type { SigningKey } from './oidc/keys/life.ts';
import { openSigner, proveKey } from './oidc/keys/signer.ts';
import { createOutbound } from './oidc/outbound.ts';
import { createAssessor } from './oidc/policy.ts';
import { createProvider, problemOf } from './oidc/provider.ts';
import { createAccountSessions } from './oidc/sessions/account-sessions.ts';
import { createBrowserSessions } from './oidc/sessions/browser-session.ts';
import { createOwnSignIn } from './own-relying-party.ts';
import { createPasswords } from './passwords/passwords.ts';
import type { Queue } from './passwords/queue.ts';
import { createNewPasswords } from './passwords/rules.ts';
import { createPatience } from './patience.ts';
import type { Records } from './records/records.ts';
import { createRegistration } from './registration.ts';
import { createSignOutNews } from './sign-out-news.ts';
import type { State } from './state/state.ts';
import { createStop, type StopRules } from './stop.ts';
import { type Failed, longestPatience, openRecords, openState, patientRecords, patientState } from './stores.ts';
import { createThrottle } from './throttle/throttle.ts';
import { createVault } from './vault.ts';
import { cookieKeys } from './web/cookie-keys.ts';
import { close, createListeners, listen } from './web/listeners.ts';
import { createTurnstile } from './web/turnstile.ts';
import { isDear } from './workers/memory.ts';

/** What a caller may hand in, in the place of what the settings say; tests do. */
export interface Parts {
  state?: State;
  records?: Records;
  log?: Logger;
  now?: () => Date;
  /** Milliseconds between an answer that tells nothing and the mail that may follow. */
  mailPause?: readonly [number, number];
  /** Where passwords wait to be hashed; one of the process's own otherwise. */
  queue?: Queue;
  /** Whether somebody else answers on the operations port. */
  operationsElsewhere?: boolean;
}

export interface Kapu {
  /** Listens for people and services, and for operations. Throws when a port is taken. */
  start(): Promise<void>;
  /** Stops accepting, lets what runs finish within the patience of the settings, closes the stores. */
  stop(): Promise<void>;
  /** Takes changed signing keys into use now, and not only at the next look at their file. */
  reload(): Promise<void>;
  /** Each part that serving needs, and whether it is there now. */
  ready(): Promise<Record<string, boolean>>;
  /** What `/metrics` shows, for another process to add up. */
  numbers(): Promise<object[]>;
  records: Records;
}

/** A server for `settings`. Opens its stores, and throws when one cannot be opened or its schema is not this version's. */
export async function compose(settings: Settings, parts: Parts = {}): Promise<Kapu> {
  const { now = () => new Date(), log = createLog(settings.log) } = parts;
  const readSigningKeys = () => readKeys(settings.keysFile, settings.secrets.keyEncryptionKeys);
  const keys = await readSigningKeys();
  const signer = settings.signer && (await openSigner(settings.signer));
  // Refuses keys of a signer that is not there, before anything else is opened.
  providerJwks(keys, signer);
  const unreadable = (name: string) =>
    log.warn({ name }, 'a value in the state store does not open: look at stateKeys');
  const metrics = createMetrics();
  const failed: Failed = (store) => metrics.storeFailures.inc({ store });
  const patience = createPatience(1.5 * longestPatience(settings));
  const records = patientRecords(parts.records ?? (await openRecords(settings, now)), patience, failed);
  const state = patientState(parts.state ?? (await openState(settings, now, unreadable)), patience, failed);
  await bringUpToDate(records, log);

  const pages = createPages(settings);
  const audit = createAudit(records.audit, state, now);
  const { mail } = settings;
  const mailer = createMailer({ ...mail, now, log });
  const passwords = createPasswords({
    settings: settings.password,
    peppers: settings.secrets.peppers,
    cores: availableParallelism(),
    queue: parts.queue,
    now,
  });
  if (isDear(process.env))
    log.warn('password hashes take half as long again: MALLOC_MMAP_THRESHOLD_ is set, and there are no huge pages');
  metrics.watchQueue(passwords.load);
  metrics.watchNotices(() => records.notices.oldest(promptKinds), now);
  const stopLinks = createStopLinks(settings.issuer, settings.secrets.credentialKeys);
  const deletions = createDeletions({
    records,
    log,
    count: (outcome) => metrics.accountsDeleted.inc({ outcome }),
    now,
  });
  const vault = createVault(settings.secrets.credentialKeys);
  const noticeSender = createNotices({ settings, records, mailer, stopLinks, vault, metrics, log, now });
  metrics.mailsAllowed.set(settings.emailCode.sendsInAll / settings.emailCode.window);

  const throttle = createThrottle({ state });
  /** What goes on after the request that began it has been answered. */
  const background = new Set<Promise<void>>();
  const inBackground = (work: () => Promise<void>) => {
    const lost = (err: Error) => log.error({ err }, 'not done after the request that began it');
    const done = patience
      .apart(work)
      .catch(lost)
      .finally(() => background.delete(done));
    background.add(done);
  };
  const report = createMailNews(audit, metrics, log);
  const made = {
    settings,
    accounts: records.accounts,
    credentials: records.credentials,
    passwords,
    state,
    throttle,
    vault,
    pages,
    now,
    deliver: createDeliver({ mailer, report, inBackground, mailPause: parts.mailPause }),
  };
  const all = createMethods(made);
  const newPassword = createNewPasswordForm({
    newPasswords: createNewPasswords(settings),
    passwords,
    throttle,
    leastLength: settings.password.leastLength,
  });
  const waysIn = createWaysIn({ ...made, audit, newPassword, noticesWritten: noticeSender.kick });
  const methods = all.filter(({ name }) => !settings.methodsOff.includes(name));
  const assessor = createAssessor({ ladder: settings.levels, scopeRules: settings.scopes, methods, now });

  const signing = cookieKeys(settings.secrets.cookieKeys);
  const noteSpellings = createRetiredAliases({ ladder: settings.levels, aliases: records.aliases, log, now });
  const outbound = createOutbound({
    settings: settings.outbound,
    report: (facts) => log.warn(facts, 'a service’s address gave no good answer'),
    now,
  });
  const noteLegacyUse = createLegacyUse(log, now);
  const protocolPages = createProtocolPages(pages, settings.deployment.locale);
  const providerFor = (keys: readonly SigningKey[]) => {
    const provider = createProvider({
      settings,
      jwks: providerJwks(keys, signer),
      signerReady: async () => signer?.ready(),
      cookieKeys: signing,
      state,
      records,
      assessor,
      methods,
      noteSpellings,
      noteLegacyUse,
      outbound,
      guesses: deviceGuesses(throttle, settings.deviceFlow),
      tellServices: (notices) => signOutNews.tell(notices),
      pages: protocolPages,
      audit,
      sessionBegan(ctx, id, clientId, session) {
        const detail = { session, ...deviceOf(ctx.get('user-agent')) };
        return audit.write(ctx, 'session.began', { account: { id }, clientId, detail });
      },
      onReplay(facts) {
        metrics.replays.inc();
        log.warn(facts, 'used twice: the grant is revoked');
      },
      now,
    });
    provider.on('interaction.started', () => metrics.signInsStarted.inc());
    provider.on('server_error', (ctx, error) => {
      ctx.state.fault = error;
      (ctx.state.log ?? log).error({ err: error }, 'fault in the protocol');
    });
    return provider;
  };
  const current = createCurrentProvider(
    keys,
    providerFor,
    ({ middleware }) => koaCompose([straightToPage(methods), ...(middleware as Middleware[])]) as Middleware,
  );
  const signOutNews = createSignOutNews({
    settings: settings.backChannelLogout,
    stateLasts: settings.state.kind !== 'memory',
    state,
    provider: current.get,
    outbound,
    audit,
    metrics,
    log,
    now,
  });
  const keyReload = createKeyReload({
    current,
    read: readSigningKeys,
    prove: async (key) => signer && proveKey(signer, key),
    metrics,
    log,
  });

  const registration = () =>
    createRegistration({
      issuer: settings.issuer,
      tokens: createRegistrationTokens(settings.secrets.pairwiseSalt),
      surroundings: { ...settings, methods: all.map(({ name }) => name) },
      clients: records.clients,
      state,
      audit,
      unusable: (id, metadata) => problemOf(current.get(), id, metadata),
      now,
    });

  const stopRules: StopRules = {
    hold: settings.recovery.hold,
    own: all.filter(({ proves }) => proves === 'own'),
  };
  const stop = createStop({
    accounts: records.accounts,
    credentials: records.credentials,
    rules: stopRules,
    audit,
    count: () => metrics.accountsReported.inc(),
    noticesWritten: noticeSender.kick,
    now,
  });
  const accountSessions = createAccountSessions({ provider: current.get, state, tell: signOutNews.tell, now });

  const knownBrowsers = createKnownBrowsers(settings.secrets.cookieKeys, settings.times.knownBrowser, now);

  const app = createApp({
    settings,
    cookieKeys: signing,
    log,
    pages,
    interactions: createRoutes({
      settings,
      interactions: createInteractions(current.get, assessor, signOutNews.tell, now),
      assessor,
      accounts: records.accounts,
      consents: records.consents,
      credentials: records.credentials,
      methods,
      waysIn,
      pages,
      audit,
      knownBrowsers,
      tellEnded: createTellEnded({ knownBrowsers, audit: records.audit }),
      noticesWritten: noticeSender.kick,
      notices: createSignInNotices({
        settings: settings.notices,
        outbox: records.notices,
        throttle,
        written: noticeSender.kick,
        lost(err, accountId, kind) {
          metrics.notices.inc({ outcome: 'lost' });
          log.error({ err, accountId, kind }, 'a notice could not be written');
        },
        now,
      }),
      countRefusal: (method, reason) => metrics.refusals.inc({ method, reason }),
      count: (outcome, level) => metrics.signIns.inc({ outcome, level }),
      now,
    }),
    account: createAccountRoutes({
      settings,
      signIn: createOwnSignIn(
        settings,
        inProcessFetch(settings.issuer, () => answer),
      ),
      browserSessions: createBrowserSessions(current.get),
      assessor,
      accounts: records.accounts,
      state,
      pages,
      methods,
      accountPages: createAccountPages({
        ...made,
        audit,
        newPassword,
        noticesWritten: noticeSender.kick,
        methods,
        records,
        accountSessions,
        inBackground,
        stop,
        stopLinks,
        stopRules,
      }),
      now,
    }),
    registration: settings.registration.enabled ? registration() : undefined,
    protocol: current.middleware,
    count: metrics.countRequest,
    now,
  });
  const ready = async () => {
    const [stateReady, recordsReady] = await Promise.all([state.ready(), records.ready()]);
    return { state: stateReady, records: recordsReady, keys: current.keys().length > 0 };
  };
  metrics.watchReadiness(ready);
  const operations = createOperations({ ready, metrics });

  const answer = app.callback();
  const turnstile = createTurnstile({
    patience: settings.password.queuePatience,
    turnedAway: () => metrics.turnedAway.inc(),
  });
  const people = createListeners(settings, (request, response) =>
    turnstile(request, response, () => patience.run(() => answer(request, response))),
  );
  const own = parts.operationsElsewhere ? [] : [{ server: createServer(operations), at: settings.operations }];
  const listeners = [...people, ...own];
  return {
    records,
    ready,
    numbers: metrics.json,
    async start() {
      await listen(listeners);
      keyReload.start(settings.keysRefresh);
      signOutNews.start();
      noticeSender.start();
      deletions.start();
      log.info({ issuer: settings.issuer, operations: settings.operations }, 'ready');
    },
    reload: keyReload.look,
    async stop() {
      keyReload.end();
      const allowed = settings.shutdownPatience * 1000;
      const until = performance.now() + allowed;
      await close(listeners, allowed);
      // Requests, mails and news together keep to what the operator allows.
      const left = () => Math.max(0, until - performance.now());
      const noticed = Promise.all([noticeSender.end(), deletions.end()]);
      await Promise.all([mailer.end(left()), signOutNews.end(left())]);
      await Promise.race([Promise.all([...background, noticed]), sleep(left(), undefined, { ref: false })]);
      await Promise.all([
        parts.state ? undefined : state.end(),
        parts.records ? undefined : records.end(),
        signer?.end().catch((fault: Error) => log.warn({ reason: fault.message }, 'the signer did not end')),
      ]);
      log.info('stopped');
    },
  };
}

/** An empty or older schema is brought up to date here, so that an upgrade starts by itself; a newer one is a version's beside this. */
async function bringUpToDate(records: Records, log: Logger): Promise<void> {
  const { state } = await records.schema();
  if (state === 'ahead') log.warn('the schema of the records is newer than this version: is an upgrade under way?');
  if (state === 'current' || state === 'ahead') return;
  log.info({ migrations: await records.migrate() }, 'the schema of the records has been brought up to date');
}
