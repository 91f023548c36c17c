/** The mails that the mailbox keeps: the newest 500, in memory. It knows nothing of SMTP or HTTP. */

import PostalMime from 'postal-mime';

/** A mail as the API gives it. Outside tests rely on the fields, so they change only with notice in the README. */
export interface MailboxMessage {
  id: string;
  /** The addresses that it was delivered to, with ', ' between several. */
  to: string;
  from: string;
  subject: string;
  text: string;
  /** Empty when there is none. */
  html: string;
  /** By lower-case name, unfolded, otherwise as they came. */
  headers: Record<string, string>;
  /** When it arrived; ISO 8601. */
  at: string;
}

const most = 500;

export class Messages {
  #newestFirst: MailboxMessage[] = [];
  #last = 0;

  /** Reads a mail off the wire and keeps it. */
  async add(raw: Buffer, recipients: string[], at: Date): Promise<void> {
    const mail = await PostalMime.parse(raw);
    const { name, address } = mail.from ?? {};
    const message: MailboxMessage = {
      id: String(++this.#last),
      to: recipients.join(', '),
      from: name ? `${name} <${address}>` : (address ?? ''),
      subject: mail.subject ?? '',
      text: mail.text?.trimEnd() ?? '',
      html: mail.html?.trimEnd() ?? '',
      headers: Object.fromEntries(mail.headers.map(({ key, value }) => [key, value])),
      at: at.toISOString(),
    };
    this.#newestFirst = [message, ...this.#newestFirst].slice(0, most);
  }

  /** Newest first; only those to `address` when one is given, without regard to case. */
  list(address?: string): readonly MailboxMessage[] {
    if (address === undefined) return this.#newestFirst;
    const wanted = address.toLowerCase();
    return this.#newestFirst.filter(({ to }) => to.toLowerCase().split(', ').includes(wanted));
  }

  find(id: string): MailboxMessage | undefined {
    return this.#newestFirst.find((message) => message.id === id);
  }

  empty(): void {
    this.#newestFirst = [];
  }
}
