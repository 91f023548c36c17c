/** Services told of sign-outs while the server runs: written down in the audit, the log and the numbers, and handed over when it ends. */

import type { Logger } from 'pino';
import type { Settings } from '../config/settings.ts';
import type { Audit } from './audit/audit.ts';
import type { Metrics } from './metrics.ts';
import type { CurrentProvider } from './oidc/current-provider.ts';
import { type Attempted, createDelivery, type Fate } from './oidc/logout/delivery.ts';
import { createHandover } from './oidc/logout/handover.ts';
import type { Tell } from './oidc/logout/notices.ts';
import { createSend } from './oidc/logout/token.ts';
import type { Outbound } from './oidc/outbound.ts';
import type { State } from './state/state.ts';

/** Milliseconds between looks at what another process has left. */
const lookEvery = 30_000;

export interface SignOutNewsOptions {
  settings: Settings['backChannelLogout'];
  /** Whether the state outlives this process. */
  stateLasts: boolean;
  state: State;
  provider: CurrentProvider['get'];
  outbound: Outbound;
  audit: Audit;
  metrics: Pick<Metrics, 'logouts'>;
  log: Logger;
  now: () => Date;
}

export interface SignOutNews {
  tell: Tell;
  /** Looks for what another process has left, now and from time to time. */
  start(): void;
  /** As in Delivery. */
  end(patience: number): Promise<void>;
}

/** News of sign-outs for services. */
export function createSignOutNews(options: SignOutNewsOptions): SignOutNews {
  const { settings, state, metrics, log, now } = options;
  const handover = createHandover(state, now);
  const { provider, outbound } = options;
  const send = createSend({ claim: handover.claim, provider, outbound, patience: settings.patience * 1000 });
  const delivery = createDelivery({ ...settings, most: settings.waiting, send, report, leave });
  let timer: NodeJS.Timeout | undefined;
  /** The look under way, or the last one. */
  let looking = Promise.resolve();

  async function report({ notice, tries }: Attempted, fate: Fate): Promise<void> {
    const { accountId, clientId, ip, reference } = notice;
    const { outcome } = fate;
    metrics.logouts.inc({ outcome });
    const about = { account: { id: accountId }, clientId };
    const source = { ip, state: { reference } };
    const facts = { ...fate, accountId, clientId, reference, tries };
    log[outcome === 'told' ? 'info' : 'error'](facts, 'a service is told of a sign-out');
    const written =
      fate.outcome === 'told'
        ? options.audit.write(source, 'logout.told', { ...about, detail: { tries } })
        : options.audit.write(source, 'logout.failed', { ...about, detail: { tries, reason: fate.reason } });
    await written.catch((fault: Error) => log.error({ ...facts, err: fault }, 'not written into the audit'));
  }

  async function leave(left: readonly Attempted[]): Promise<boolean> {
    if (!options.stateLasts) return false;
    const kept = await handover.leave(left).catch((fault: Error) => {
      log.error({ err: fault }, 'services that have not heard of a sign-out cannot be left to another process');
      return false;
    });
    if (kept)
      log.info({ count: left.length }, 'services that have not heard of a sign-out are left to another process');
    return kept;
  }

  async function look(): Promise<void> {
    // While the state is away nothing can be taken; the next look finds it.
    delivery.resume(await handover.take().catch(() => []));
  }

  return {
    tell: delivery.tell,
    start() {
      if (!options.stateLasts) return;
      looking = look();
      timer = setInterval(() => {
        looking = looking.then(look);
      }, lookEvery).unref();
    },
    async end(patience) {
      clearInterval(timer);
      // What it takes is nobody else's any more.
      await looking;
      await delivery.end(patience);
    },
  };
}
