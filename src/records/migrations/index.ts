/**
 * The migrations, by name. Names sort in the order they run, and one that has been released never changes: a later
 * one mends it. Migrations expand first and contract a version later, so that version N runs beside N-1 (no column is
 * dropped, renamed or narrowed while a running version uses it). Statements name their columns, so that an added one
 * disturbs no prepared statement.
 */

import type { Migration } from 'kysely';
import { accounts } from './0001-accounts.ts';
import { clients } from './0002-clients.ts';
import { audit } from './0003-audit.ts';
import { aliasUses } from './0004-alias-uses.ts';
import { accountValidSince } from './0005-account-valid-since.ts';
import { auditChains } from './0006-audit-chains.ts';
import { notices } from './0007-notices.ts';
import { myAccount } from './0008-my-account.ts';
import { noticeEmailAt } from './0009-notice-email-at.ts';
import { signedUp } from './0010-signed-up.ts';

export const migrations: Record<string, Migration> = {
  '0001-accounts': accounts,
  '0002-clients': clients,
  '0003-audit': audit,
  '0004-alias-uses': aliasUses,
  '0005-account-valid-since': accountValidSince,
  '0006-audit-chains': auditChains,
  '0007-notices': notices,
  '0008-my-account': myAccount,
  '0009-notice-email-at': noticeEmailAt,
  '0010-signed-up': signedUp,
};
