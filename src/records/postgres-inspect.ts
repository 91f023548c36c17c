/**
 * What an operator should know of a PostgreSQL before people rely on it: version, TLS, whether it may be written to,
 * connections, and what Kapu's role may do. It asks and changes nothing.
 */

import pg from 'pg';
import { tables } from './content.ts';
import { RecordsUnavailable } from './records.ts';

export interface PostgresFinding {
  outcome: 'ok' | 'warn' | 'fail';
  text: string;
  hint?: string;
}

export interface PostgresInspected {
  url: string;
  connections: number;
  /** Milliseconds. */
  queryPatience: number;
}

/** The oldest that the project of PostgreSQL still mends. */
const oldest = 14;

/** What is found about the database that `options` name. Throws RecordsUnavailable, for the operator, when it cannot be asked. */
export async function inspectPostgres(options: PostgresInspected): Promise<PostgresFinding[]> {
  const { url, queryPatience } = options;
  const client = new pg.Client({
    connectionString: url,
    application_name: 'kapu check',
    connectionTimeoutMillis: queryPatience,
    query_timeout: queryPatience,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<Facts>(question);
    const facts = rows[0]!;
    const tables = await client.query<Rights>(rights);
    return [summary(facts), ...serverFindings(facts, options), ...rightsFindings(tables.rows, facts)];
  } catch (cause) {
    throw new RecordsUnavailable(`The records database does not serve: ${(cause as Error).message}`, { cause });
  } finally {
    await client.end().catch(() => {});
  }
}

interface Facts {
  version: number;
  named: string;
  tls: string | null;
  remote: boolean;
  read_only: boolean;
  standby: boolean;
  encoding: string;
  max_connections: number;
  synchronous_commit: string;
  fsync: string;
  full_page_writes: string;
  role: string;
  superuser: boolean;
}

const question = `select
  current_setting('server_version_num')::int / 10000 as version,
  current_setting('server_version') as named,
  (select ssl.version from pg_stat_ssl ssl where ssl.pid = pg_backend_pid() and ssl.ssl) as tls,
  coalesce(not (inet_client_addr() <<= '127.0.0.0/8' or inet_client_addr() = '::1'), false) as remote,
  current_setting('transaction_read_only') = 'on' as read_only,
  pg_is_in_recovery() as standby,
  current_setting('server_encoding') as encoding,
  current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as max_connections,
  current_setting('synchronous_commit') as synchronous_commit,
  current_setting('fsync') as fsync,
  current_setting('full_page_writes') as full_page_writes,
  current_user as role,
  (select rolsuper from pg_roles where rolname = current_user) as superuser`;

function summary({ named, tls }: Facts): PostgresFinding {
  const version = named.split(' ')[0];
  return { outcome: 'ok', text: `PostgreSQL ${version} answers, ${tls ? `over ${tls}` : 'without TLS'}` };
}

function serverFindings(facts: Facts, { connections }: PostgresInspected): PostgresFinding[] {
  const unsafe = (['fsync', 'full_page_writes'] as const).filter((name) => facts[name] !== 'on');
  return [
    finding(facts.version < oldest, 'fail', `version ${facts.version} is too old`, `use PostgreSQL ${oldest} or later`),
    finding(
      facts.remote && !facts.tls,
      'fail',
      'is on another machine and reached without TLS',
      'write ?sslmode=verify-full, and hostssl in pg_hba.conf',
    ),
    finding(
      facts.read_only || facts.standby,
      'fail',
      facts.standby ? 'is a standby, which may not be written to' : 'is read-only: nobody can sign in',
      facts.standby ? 'name the primary' : 'set default_transaction_read_only off',
    ),
    finding(
      facts.encoding !== 'UTF8',
      'fail',
      `keeps text as ${facts.encoding}: not every name fits`,
      'make the database with encoding UTF8',
    ),
    finding(
      facts.max_connections < connections,
      'fail',
      `allows ${facts.max_connections} connections, one process may want ${connections}`,
      'raise max_connections, or lower records.connections',
    ),
    finding(
      facts.max_connections >= connections && facts.max_connections < 2 * connections,
      'warn',
      `allows ${facts.max_connections} connections: too few for two processes of ${connections}`,
      'raise max_connections: an upgrade runs two versions beside each other',
    ),
    finding(
      unsafe.length > 0,
      'fail',
      `${unsafe.join(' and ')} off: a power cut damages the database`,
      'turn them on, which is the default',
    ),
    finding(
      facts.synchronous_commit === 'off',
      'warn',
      'synchronous_commit is off: the last moments before a crash are lost, audit and passwords included',
      'turn it on, for the role at least: alter role … set synchronous_commit = on',
    ),
  ].flat();
}

interface Rights {
  table: string;
  owns: boolean;
  reads: boolean;
  adds: boolean;
  changes: boolean;
  removes: boolean;
  truncates: boolean;
}

/** The tables that a server reads and writes, as the search path finds them. */
const written: readonly string[] = tables;

const rights = `select c.relname as table,
  pg_has_role(c.relowner, 'MEMBER') as owns,
  has_table_privilege(c.oid, 'SELECT') as reads,
  has_table_privilege(c.oid, 'INSERT') as adds,
  has_table_privilege(c.oid, 'UPDATE') as changes,
  has_table_privilege(c.oid, 'DELETE') as removes,
  has_table_privilege(c.oid, 'TRUNCATE') as truncates
  from pg_class c
  where c.relkind in ('r', 'p') and pg_table_is_visible(c.oid)
    and c.relname in (${[...written, 'kysely_migration'].map((name) => `'${name}'`).join(', ')})
  order by c.relname`;

function rightsFindings(tables: readonly Rights[], { role, superuser }: Facts): PostgresFinding[] {
  const hint = 'give the server a role of its own, as docs/operating.md lists its rights';
  const lacks = tables.flatMap(({ table, reads, adds, changes, removes }) => {
    const needs = Object.entries({
      SELECT: reads,
      ...(written.includes(table) && { INSERT: adds }),
      ...(written.includes(table) && table !== 'audit' && { UPDATE: changes, DELETE: removes }),
    });
    const missing = needs.filter(([, has]) => !has).map(([right]) => right);
    return finding(missing.length > 0, 'fail', `${role} may not ${missing.join(', ')} in ${table}`, hint);
  });
  const audit = tables.find(({ table }) => table === 'audit');
  if (!audit) return lacks;
  const could = Object.entries({ UPDATE: audit.changes, DELETE: audit.removes, TRUNCATE: audit.truncates });
  const rewrites = could.filter(([, may]) => may).map(([right]) => right);
  const why = superuser ? 'is a superuser' : audit.owns ? 'owns the audit' : `may ${rewrites.join(', ')} in audit`;
  const open = superuser || audit.owns || rewrites.length > 0;
  return [
    ...lacks,
    ...(open
      ? finding(true, 'warn', `${role} ${why}: who takes over a server can change what it has written`, hint)
      : [{ outcome: 'ok' as const, text: `${role} may add to the audit and not change it` }]),
  ];
}

function finding(holds: boolean, outcome: PostgresFinding['outcome'], text: string, hint: string): PostgresFinding[] {
  return holds ? [{ outcome, text, hint }] : [];
}
