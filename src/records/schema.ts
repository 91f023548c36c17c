/**
 * The tables as the queries see them; `migrations/` makes them. One shape for SQLite and PostgreSQL: times are
 * milliseconds since the epoch (BIGINT), booleans are 0 and 1, JSON is text, absent is null.
 */

import type { Generated } from 'kysely';

/** Milliseconds since the epoch. */
type Time = number;
/** A JSON document. */
type Json = string;

export interface Schema {
  accounts: {
    id: string;
    username: string;
    /** `usernameKey(username)`. */
    username_key: string;
    email: string | null;
    email_verified: 0 | 1;
    name: string | null;
    birth_name: string | null;
    /** YYYY-MM-DD. */
    birth_date: string | null;
    locale: string;
    status: string;
    created_at: Time;
    updated_at: Time;
    /** Proofs and tokens from before count for nothing. */
    valid_since: Time | null;
    /** From when on the mailbox counts for nothing. Null: it counts. */
    held_since: Time | null;
    /** Until when. Null while held: until another proof is given. */
    held_until: Time | null;
    /** The confirmed address before the last change, while that can be stopped. */
    former_email: string | null;
    /** A second, confirmed address that notices go to. */
    notice_email: string | null;
    /** When that was set. Null as well where a version before has set it. */
    notice_email_at: Time | null;
    /** When the account is removed, which its owner has asked for. */
    delete_at: Time | null;
    /** 1 where its owner has made it. */
    signed_up: number | null;
  };
  credentials: {
    account_id: string;
    /** A method's name, as levels.ts writes it. */
    method: string;
    /** Tells an account's credentials of one method apart. Empty for a password, of which there is one. */
    id: string;
    /** The method's own; for a password `{"hash": …}`. */
    data: Json;
    /** What its owner calls it. */
    label: string | null;
    used_at: Time | null;
    created_at: Time;
    updated_at: Time;
  };
  clients: {
    id: string;
    metadata: Json;
    updated_at: Time;
  };
  /** One row a scope, so that parallel writers merge without reading what they add to. */
  consents: {
    account_id: string;
    client_id: string;
    scope: string;
    granted_at: Time;
  };
  /** One row a client and retired spelling of a level. */
  alias_uses: {
    client_id: string;
    alias: string;
    used_at: Time;
  };
  /** Append only: this code neither changes nor removes a row. */
  audit: {
    id: Generated<number>;
    at: Time;
    event: string;
    reference: string | null;
    account_id: string | null;
    client_id: string | null;
    origin: string | null;
    detail: Json | null;
    /** The chain that the entry is in, which one process wrote. Null for entries from before the chains. */
    writer: string | null;
    /** Its place in the chain, from 1. */
    number: number | null;
    /** Of the first entry of a chain: the last one of another, as chain.ts writes it. */
    link: string | null;
    /** Over the hash before it and all of the entry but its id. */
    hash: string | null;
  };
  /** The outbox of mails that tell people of what has happened. One that has been sent is not kept. */
  notices: {
    id: string;
    account_id: string;
    kind: string;
    email: string;
    locale: string;
    detail: Json | null;
    at: Time;
    /** When it can be claimed. Null once it is given up. */
    due_at: Time | null;
    tries: number;
    failed_at: Time | null;
    /** Why it is given up. */
    reason: string | null;
  };
  /** Kysely's own: the migrations that have run. */
  kysely_migration: {
    name: string;
    timestamp: string;
  };
}
