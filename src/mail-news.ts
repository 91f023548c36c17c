/** What became of a mailed code, written down in the audit, the log and the numbers. */

import type { Logger } from 'pino';
import type { ReportMail } from '../interactions/mailed-code/report.ts';
import type { Audit } from './audit/audit.ts';
import type { Metrics } from './metrics.ts';

/** Reports to all three. */
export function createMailNews(audit: Audit, metrics: Pick<Metrics, 'mails'>, log: Logger): ReportMail {
  return async ({ accountId, clientId, level, source, reference: mail }, outcome, detail) => {
    metrics.mails.inc({ outcome });
    const { reference } = source.state;
    log[outcome === 'sent' ? 'info' : 'error']({ accountId, level, mail, reference, outcome, detail }, 'e-mail code');
    const about = { ...(accountId !== undefined && { account: { id: accountId } }), clientId };
    await (outcome === 'sent'
      ? audit.write(source, 'mail.sent', { ...about, detail: { mail, transport: detail } })
      : audit.write(source, 'mail.failed', { ...about, detail: { mail, reason: detail } }));
  };
}
