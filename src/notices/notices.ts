/** Notices while the server runs: put into words, sent, and written down in the audit, the log and the numbers. */

import type { Logger } from 'pino';
import type { Settings } from '../../config/settings.ts';
import { activation, placeOf } from '../../interactions/activate/code.ts';
import { noticeMail } from '../../interactions/notices/mail.ts';
import { noticeKinds } from '../../interactions/notices/texts.ts';
import { written } from '../../interactions/printed-code.ts';
import type { StopLinks } from '../../interactions/stop/link.ts';
import type { EventName } from '../audit/events.ts';
import type { Mailer } from '../mail/mailer.ts';
import type { Metrics } from '../metrics.ts';
import { accountPath } from '../oidc/interaction-path.ts';
import type { Notice, Records } from '../records/records.ts';
import type { Vault } from '../vault.ts';
import { createNoticeSender, type Fate, type NoticeSender } from './sender.ts';

/** Kinds that are to be sent at once. Codes of a whole import are none: they would keep all others waiting. */
export const promptKinds = noticeKinds.filter((kind) => kind !== activation);

/** What tells of something new in an account, of the same time as the notice: for some time that can be stopped. */
const ofNew = ['methodAdded', 'noticeEmailAdded', 'noticeEmailChanged'];
/** What tells of something that was taken away: the same where a hold began with it, because its person ends that without having read. */
const ofGone = ['methodRemoved', 'noticeEmailRemoved'];

export interface NoticesOptions {
  settings: Pick<Settings, 'notices' | 'deployment' | 'recovery' | 'issuer'>;
  vault: Pick<Vault, 'open'>;
  stopLinks: StopLinks;
  records: Pick<Records, 'notices' | 'audit'>;
  mailer: Mailer;
  metrics: Pick<Metrics, 'notices'>;
  log: Logger;
  now: () => Date;
}

/** The sender of a deployment's notices, by its settings. */
export function createNotices({
  settings,
  records,
  mailer,
  stopLinks,
  vault,
  metrics,
  log,
  now,
}: NoticesOptions): NoticeSender {
  async function report({ id, accountId, kind, tries }: Notice, fate: Fate): Promise<void> {
    const { outcome } = fate;
    metrics.notices.inc({ outcome });
    const facts = { notice: id, accountId, kind, tries, ...fate };
    log[outcome === 'sent' ? 'info' : outcome === 'deferred' ? 'warn' : 'error'](facts, 'a notice');
    if (outcome === 'deferred') return;
    const event: EventName = outcome === 'sent' ? 'notice.sent' : 'notice.failed';
    const detail = { kind, ...(fate.outcome === 'sent' ? { transport: fate.transport } : { reason: fate.reason }) };
    await records.audit
      .append({ at: now(), event, accountId, detail })
      .catch((err: Error) => log.error({ ...facts, err }, 'not written into the audit'));
  }

  /** The code of an activation, which only whoever sends it can read. Throws where it cannot be read either. */
  async function codeIn({ code = '' }: Notice['detail'], accountId: string): Promise<string> {
    const opened = await vault.open(code, placeOf(accountId));
    if (!opened) throw new Error('its code does not open: look at credentialKeys');
    return written(opened.text);
  }

  return createNoticeSender({
    outbox: records.notices,
    kinds: promptKinds,
    bulk: { kinds: [activation], patience: settings.recovery.codeLife * 1000 },
    async compose({ detail: { hold, ...detail }, ...notice }) {
      if (notice.kind === activation) {
        const code = await codeIn(detail, notice.accountId);
        const startAt = `${settings.issuer}${accountPath}`;
        return noticeMail({ ...notice, detail: { ...detail, code, startAt } }, settings.deployment);
      }
      // Made where it is sent: the outbox holds nothing that somebody could stop anything with.
      const isChange = ofNew.includes(notice.kind) || (hold !== undefined && ofGone.includes(notice.kind));
      const since = isChange ? notice.at : hold && new Date(Number(hold));
      const stopAt = since && stopLinks.to({ accountId: notice.accountId, since, isChange });
      return noticeMail({ ...notice, detail }, settings.deployment, stopAt);
    },
    mailer,
    lookEvery: settings.notices.lookEvery * 1000,
    report,
    outboxIs(state, err) {
      if (state === 'away') log.error({ err }, 'notices wait: the records are away');
      else log.info('notices are sent again');
    },
    now,
  });
}
